import type { Growing } from '../zh-CN/growing'

export const growing: Growing = {
  plots: {
    title: 'Plots', sub: 'Where they lie only this shop sees; others are told the village', none: 'No plots yet', noneText: 'Add plots from a household: weigh-ins, expected harvests and inputs belong to them.', toHouseholds: 'To households',
    find: 'Find plots, households, villages', inUse: 'In use', retired: 'Retired', household: 'Household', area: 'Area', mu: (n) => `${n} mu`, altitude: 'Altitude', metres: (n) => `${n} m`,
    where: 'Place', outlined: 'Outlined', pointed: 'On the map', nowhere: 'No place', differs: (mu) => `Outline holds ${mu} mu`, photos: 'Photos', edit: 'Edit plot', saved: 'Saved',
    point: 'Place (latitude, longitude)', pointHint: 'Such as 30.016200, 115.561800', here: 'Use where I am', noHere: 'No position to be had; write it by hand', outline: 'Outline (a point a line)',
    outlineHint: 'Walk around the plot, a point at each corner; 3 to 60 points, lines must not cross', addHere: 'Add where I am as a point', badPoints: 'A “latitude, longitude” a line, six decimals at most', outlineIs: (mu) => `The outline holds ${mu} mu`,
    differsText: 'That is more than a fifth away from the area stated: check it', retire: 'Retire plot', retireAsk: (name) => `Retire ${name}?`, retireText: 'Nothing can be planned or weighed in there any more; what was stays.', seasons: 'Seasons', season: 'Plan a season',
  },
  seasons: {
    title: 'Seasons', sub: 'Expected and harvested', add: 'Plan a season', none: 'No such season', noneText: 'One variety on one plot, harvested once, is a season. What is expected stands here; weigh-ins count against it.', open: 'Open', all: 'All',
    states: { planned: 'Planned', growing: 'Growing', harvesting: 'Harvesting', closed: 'Harvested', abandoned: 'Given up', open: 'Open', ended: 'Ended' },
    expected: 'Expected', harvested: 'Harvested', of: (a, b) => `${a} harvested of ${b} expected`, ofNone: (b) => `Nothing harvested yet of ${b} expected`, window: 'Harvest expected', span: (a, b) => `${a} to ${b}`, planted: 'Planted', plot: 'Plot', noPlot: 'Choose a plot',
    from: 'Harvest from', until: 'Harvest until', plantedOn: 'Planted on', plantedHint: 'Not needed for trees', note: 'Note', save: 'Save', edit: 'Edit', percent: (n) => `${n}%`,
    acts: { plant: 'Planted', harvest: 'Harvest begins', close: 'All harvested', abandon: 'Give up' },
    closeAsk: 'Is all of it harvested?', closeText: 'New weigh-ins will not count for this season any more.', abandonTitle: 'Give the season up', abandonWhy: 'Why', abandonHint: 'Such as hail, frost, another crop',
    steps: { plant: 'Planted', harvest: 'Harvest began', weigh_in: 'First weigh-in', close: 'All harvested', abandon: 'Given up' }, history: 'History', slips: 'Weigh-in slips', noSlips: 'Nothing weighed in yet', weigh: 'Weigh in', over: 'More came in than was expected',
  },
  inputs: {
    title: 'Inputs', add: 'Record a use', none: 'Nothing recorded yet', noneText: 'Record each use of fertiliser or pesticide. Within a withholding period nothing can be weighed in.',
    kinds: { fertiliser: 'Fertiliser', pesticide: 'Pesticide', regulator: 'Regulator', other: 'Other' }, kind: 'Kind', product: 'Product', no: 'Registration no.', noHint: 'Needed for pesticides; it is on the label', dose: 'Dose',
    doseHint: 'Such as 1:2000 or 30 kg/mu', purpose: 'Against what', usedOn: 'Used on', days: 'Withholding period', day: 'days', daysHint: 'As on the label; 0 if it is no pesticide', save: 'Record', until: (day) => `harvest from ${day}`, waiting: (day, product) => `Withholding period: ${product}, no harvest before ${day}`,
    over: 'Period is over', corrected: 'Corrected', withdrawn: 'Withdrawn', correct: 'Correct', correctTitle: 'Correct the record', why: 'Why it is corrected', withdraw: 'Nothing was used: withdraw it', held: 'Lots weighed in within the period are held', clear: 'Free to harvest', saved: 'Recorded',
  },
  runs: {
    title: 'Collection runs', sub: 'Called in beside weighed in', add: 'Plan a run', none: 'No runs yet', noneText: 'Say the day, the vehicle and the stops in order; on the way, weigh in stop by stop.',
    states: { planned: 'Planned', under_way: 'Under way', done: 'Done', cancelled: 'Cancelled' }, no: (n) => `Run ${n}`, day: 'Day', vehicle: 'Vehicle', vehicleHint: 'Its plate or its name', driver: 'Driver', driverHint: 'What the crew calls them',
    note: 'Note', stops: 'Stops', stop: (n) => `Stop ${n}`, addStop: 'Add a stop', household: 'Household', village: 'Village (whoever comes)', villageName: 'Village', called: 'Called in', weighed: 'Weighed in', time: 'Planned time', save: 'Save run', left: (n) => `${n} to go`,
    stopStates: { waiting: 'Waiting', weighed: 'Weighed in', skipped: 'Skipped' }, weigh: 'Weigh in', weighMore: 'Weigh more', skip: 'Skip', skipWhy: 'Why nothing was taken', skipHint: 'Such as nobody there, not picked, not good enough', again: 'Call again',
    acts: { start: 'Set out', finish: 'Done', cancel: 'Cancel run' }, cancelAsk: 'Cancel this run?', cancelText: 'What was weighed in stays.', finishAsk: 'Is this run done?', finishText: (a, b) => `Called in ${a}, weighed in ${b}. Nothing can be weighed in from it afterwards.`,
    edit: 'Edit run', none_: 'No time set', up: 'Move up', down: 'Move down', drop: 'Remove stop', who: 'Which household', back: 'Back to the run', from: (n, village) => `Stop ${n} of the run: ${village}`,
  },
  weigh: { season: 'Season', chooseSeason: 'This plot has several seasons: choose one', ofStop: 'Counts for the collection run' },
}
