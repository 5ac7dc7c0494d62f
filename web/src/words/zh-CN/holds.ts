export const holds = {
  ask: '要暂停这一批吗',
  rate: (boxes: string, all: string, percent: string) => `${all} 箱里有 ${boxes} 箱被报有问题，${percent}%`,
  usual: (percent: string) => `同规格的其他批次是 ${percent}%`,
  hold: '暂停出库',
  holdAsk: (code: string) => `暂停批次 ${code}？`,
  holdText: '剩下的箱子不再卖，也不能装进订单，直到恢复。已经寄出的不受影响。',
  reason: (boxes: string, all: string, percent: string) => `买家报有问题：${all} 箱里 ${boxes} 箱，${percent}%`,
  done: '已暂停',
  undo: '撤销',
  undone: '误操作，撤销暂停',
  restored: '已恢复',
  later: '先不暂停',
  why: '为什么先不暂停',
  whyHint: '写下原因，会留在记录里',
  record: '记下',
  declined: (who: string, when: string, boxes: string) => `${who} ${when}（当时 ${boxes} 箱）决定先不暂停：`,
}
export type Holds = typeof holds
