import type { Holds } from '../zh-CN/holds'

export const holds: Holds = {
  ask: 'Hold this lot?',
  rate: (boxes, all, percent) => `${boxes} of ${all} boxes were reported, ${percent}%`,
  usual: (percent) => `Other lots of this pack: ${percent}%`,
  hold: 'Hold the lot',
  holdAsk: (code) => `Hold lot ${code}?`,
  holdText: 'The boxes that are left are not sold or packed until it is released. What has been sent is not touched.',
  reason: (boxes, all, percent) => `Reported by buyers: ${boxes} of ${all} boxes, ${percent}%`,
  done: 'Held',
  undo: 'Undo',
  undone: 'Held by mistake, undone',
  restored: 'Released',
  later: 'Not now',
  why: 'Why not now',
  whyHint: 'Stays on record',
  record: 'Record',
  declined: (who, when, boxes) => `Not held by ${who}, ${when}, after ${boxes} boxes: `,
}
