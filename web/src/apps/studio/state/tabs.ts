/** Pages that stand under one entry of the rail, by the roles of this person. */
import { computed } from 'vue'
import { cw } from '@/words/chain'
import { has } from './org'

export const runTabs = computed(() => [
  { to: '/runs', label: cw.runs.tabs.runs },
  ...(has('manager', 'station') ? [{ to: '/runs/grade', label: cw.runs.tabs.grade }] : []),
  { to: '/runs/pack', label: cw.runs.tabs.pack },
  { to: '/runs/standards', label: cw.runs.tabs.standards },
  ...(has('manager') ? [{ to: '/runs/piecework', label: cw.runs.tabs.piecework }] : []),
])
export const recallTabs = computed(() => [
  { to: '/recalls', label: cw.recalls.tabs.recalls },
  { to: '/recalls/reports', label: cw.recalls.tabs.reports },
  ...(has('manager') ? [{ to: '/recalls/traces', label: cw.recalls.tabs.traces }] : []),
])
