/** The rail's entries for this person's roles. */
import { computed } from 'vue'
import { useRoute } from 'vue-router'
import type { NavGroup, NavItem } from '@/parts/work/nav'
import type { Role } from '@/api/types'
import { bw } from '@/words/bench'
import { aw } from '@/words/papers'
import { gw } from '@/words/growing'
import { cw } from '@/words/chain'
import { pw } from '@/words/passports'
import { sw } from '@/words/studio'
import { ww } from '@/words/work'
import { has, org, PACK, PRODUCE, SELL } from './org'

export function useNav() {
  const route = useRoute()
  const entry = (to: string, icon: string, label: string, roles?: Role[]): NavItem[] =>
    roles && !has(...roles) ? [] : [{ to, icon, label, on: route.meta.under === to }]

  const groups = computed<NavGroup[]>(() => {
    if (!org.value) return [{ items: entry('/apply', 'store', sw.apply.title) }]
    const n = sw.nav
    return [
      { items: [...entry('/', 'home', sw.today), ...entry('/sessions', 'cam', n.sessions)] },
      {
        title: n.sell,
        items: [
          ...entry('/orders', 'list', n.orders, PACK), ...entry('/packing', 'box', n.packing, PACK), ...entry('/bench', 'scan', bw.nav, PACK), ...entry('/products', 'bag', n.products),
          ...entry('/stock', 'tag', n.stock), ...entry('/capacity', 'clock', n.capacity, PACK), ...entry('/coupons', 'tag', ww.coupons.nav, SELL), ...entry('/disruptions', 'ban', n.disruptions),
        ],
      },
      {
        title: n.goods,
        items: [
          ...entry('/weigh', 'scale', n.weigh, PRODUCE), ...entry('/slips', 'doc', n.slips, PRODUCE), ...entry('/lots', 'leaf', n.lots, [...PRODUCE, 'packer']),
          ...entry('/runs', 'ruler', cw.runs.nav, [...PRODUCE, 'packer']),
          ...entry('/passports', 'qr', pw.nav, [...PRODUCE, 'packer']),
          ...entry('/recalls', 'flag', cw.recalls.nav, [...PRODUCE, 'packer']), ...entry('/draws', 'search', aw.draws.nav, [...PRODUCE, 'packer']), ...entry('/certificates', 'shield', aw.nav, PRODUCE),
          ...entry('/households', 'users', n.households, PRODUCE), ...entry('/plots', 'map', gw.plots.title, PRODUCE), ...entry('/seasons', 'cal', gw.seasons.title, PRODUCE), ...entry('/collections', 'truck', gw.runs.title, PRODUCE),
        ],
      },
      {
        title: n.house,
        items: [...entry('/money', 'wallet', n.money, SELL), ...entry('/members', 'user', n.members, SELL), ...entry('/settings', 'gear', n.settings)],
      },
    ].filter((group) => group.items.length > 0)
  })
  const tabs = computed<NavItem[]>(() => {
    if (!org.value) return []
    const n = sw.nav
    return [
      ...entry('/', 'home', sw.today), ...entry('/weigh', 'scale', n.weigh, PRODUCE), ...entry('/sessions', 'cam', n.sessions), ...entry('/orders', 'list', n.orders, PACK),
    ]
  })
  return { groups, tabs }
}
