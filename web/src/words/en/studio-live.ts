import { shared } from './shared'
import type { StudioLive } from '../zh-CN/studio-live'

const s = (n: string | number) => (String(n) === '1' ? '' : 's')

export const studioLive: StudioLive = {
  list: {
    title: 'Sessions', add: 'Plan a session', empty: 'No session yet', emptyText: 'Set a time, choose produce, pass the review, go live.', groups: { now: 'On air', coming: 'To come', past: 'Past' },
    items: (n) => `${n} item${s(n)}`, reserved: (n) => `${n} reserved`, minutes: (n) => `${n} min`, tools: 'Control room',
  },
  edit: {
    title: 'Plan a session', change: 'Change this session', name: 'Title', nameHint: 'Place and variety, no superlatives', cover: 'Cover', coverHint: 'Show the real thing', starts: 'Starts at', minutes: 'Planned length', minuteUnit: 'min',
    host: 'Host', hostName: "Host's name", hostTitle: 'Position', hostTitleHint: 'e.g. deputy county head; may be empty', hostPhone: "Host's phone",
    kindText: { own: 'One of your own, no fee', professional: 'For a fee or commission, the room is marked "Ad"', public_service: 'Public service: fee and commission are 0 and stay 0' },
    slot: 'Slot fee', commission: 'Commission', commissionUnit: '‰', publicZero: 'Public-service host: fee 0, commission 0', venue: 'Where it is shown',
    venues: { here: 'Only here', both: 'Here and elsewhere', elsewhere: 'Only elsewhere' }, venueText: { here: 'Viewers watch it here', both: 'Pushed to both, watched on either', elsewhere: 'Recorded and run here, no public room' },
    shelf: 'On the shelf', shelfText: 'In the order you explain them', addItem: 'Add an item', up: 'Up', down: 'Down', drop: 'Take off', noPacks: 'No product to put on the shelf', emptyShelf: 'Nothing chosen yet', save: 'Save', picked: (n) => `${n} chosen`,
    stock: (n, unit) => `${shared.units(n, unit)} to sell`, noStock: 'No stock yet', changed: 'Changing goods or host starts a new review',
  },
  guests: {
    openTitle: 'Let other rooms sell it', shut: 'Not open', openAt: (n) => `Open, commission ${n}‰`, openText: 'Other shops may put it on their shelves. You are still the seller: orders, shipping and after-sale are yours.',
    commission: 'Commission for the room', commissionHint: 'Of what is paid for the goods; may be 0, and is always 0 for public service', open: 'Open', change: 'Change commission', close: 'Open no longer', opened: 'Open to other rooms', closed: 'Taken back',
    closeAsk: 'Let other rooms sell it no longer?', closeText: 'It leaves planned shelves, and rooms on air withdraw it at once. Orders already placed still owe their commission.', rooms: "In others' rooms", roomsText: 'Only your own goods count here.', noRooms: 'No room has chosen your goods yet',
    takes: (n) => `commission ${n}‰`, sold: (orders, paid) => `${orders} order${s(orders)}, ${paid} received`, find: 'Goods, county, variety or shop', noneOpen: 'No other shop has opened goods yet', whose: { own: 'Your goods', others: "Others' goods" },
    onlySeller: 'price and stock are changed by the seller',
  },
  page: {
    acts: { announce: 'Announce', submit: 'Send for review', withdraw: 'Take back', cancel: 'Cancel session' }, cancelAsk: 'Cancel this session?', cancelText: 'Those who reserved are told. It cannot be undone.', cancelAct: 'Cancel session',
    done: { announce: 'Announced', submit: 'Sent for review', withdraw: 'Taken back', cancel: 'Cancelled' }, gate: 'Checks before going live', gateText: 'All must be ticked',
    review: { waiting: 'The platform is reviewing', approved: 'Review passed', returned: 'Sent back. Change it and send again' }, reservations: (n) => `${n} reserved`, shelf: 'Bag', noShelf: 'Nothing chosen yet',
    fee: (fee, permille) => `fee ${fee}, commission ${permille}‰`, zero: 'fee 0, commission 0', goLive: 'Go live', control: 'Control room', prompter: 'Prompter', room: 'See the room', edit: 'Change', draftText: 'Viewers can reserve once it is announced',
    replay: 'Replay', replayNot: 'The replay is being made', keep: (day) => `Recording kept until ${day}, it cannot be deleted before`, length: (text) => `${text} long`, chapters: 'Explanations', chapter: (from, to) => `${from} to ${to}`, watch: 'Watch',
    lots: (codes) => `Lots ${codes}`, noLot: 'No lot', plan: (n) => `planned ${n} min`,
  },
  live: {
    steps: ['Check the camera', 'What you sell today', 'Go live'], stepOf: (n, next) => `Step ${n} of 3. Next: ${next}`, last: 'Step 3 of 3', flip: 'Flip', torch: 'Light', mute: 'Mute', unmute: 'Unmute', exit: 'Not now',
    camera: { ask: 'Opening the camera', ok: 'The picture is clear', text: (w, h, f) => `${w}×${h}, ${f} frames`, refused: 'No camera', refusedText: "Allow camera and microphone in the browser's site settings, then try again", insecure: 'This address is not secure: no camera', insecureText: 'Open the https address, or use an encoder', again: 'Try again', dark: 'Rather dark, find more light' },
    mic: { ok: 'You can be heard', text: 'Say something', quiet: 'Nothing heard yet', muted: 'Muted' },
    net: { ok: 'The network will do', weak: 'Weak network, still works', none: 'No connection', text: (mbit) => `about ${mbit} Mbit/s down`, unknown: 'Adjusts to the real speed on air', weakText: 'The picture shrinks by itself, the sound stays' },
    power: { charging: (n) => `Battery ${n}%, charging`, on: (n) => `Battery ${n}%`, low: 'Battery is low, plug in', text: 'The screen stays on', unknown: 'Battery not readable', unknownText: 'Plug in before you start' },
    next: 'Looks good, next', rtmp: 'Use an encoder', rtmpBack: "Use this phone's camera", sell: (n) => `${n} chosen. Only items with complete papers go on the shelf.`, withItems: (n) => `Go on with ${n} item${s(n)}`, noneReady: 'No item is complete yet',
    add: 'Add an item', papers: { certificate: 'Certificate', unit_price: 'Price and unit', stock: 'Stock', photo: 'Photo' }, noCert: 'No certificate yet', noStock: 'No stock, pack first', toPack: 'Pack', toWeigh: 'Certify',
    canSell: (n, unit) => `${shared.units(n, unit)} to sell`, change: 'Change title and cover', hold: 'Hold for 1 second to go live', holdKeys: 'Holding Enter works too', holding: 'Keep holding', start: 'Go live', closed: 'Some checks are open', control: 'Control room', wait: 'Going live',
    onAir: 'Live', health: { good: 'Steady', weak: 'Weak', bad: 'Nearly gone', none: 'Nothing sent yet', connecting: 'Connecting', reconnecting: 'Lost, reconnecting', ended: 'Stopped' }, kbps: (mbit) => `${mbit} Mbit/s`, fps: (n) => `${n} frames`,
    nextItem: 'Next item', end: 'End', endAsk: 'End now?', endText: 'This session cannot go on after it has ended.', noNext: 'No item is left', watching: (n) => `${n} watching`, pinned: 'Now explaining', nothingPinned: 'Nothing is being explained', question: (n) => `${n} question${s(n)} waiting`,
    key: { title: 'Use an encoder', text: 'Put these two lines into OBS or another encoder. The key is shown once: keep it to yourself.', server: 'Server', key: 'Stream key', make: 'Give me a key', rotate: 'New key', rotateAsk: 'Make a new key?', rotateText: 'The old one stops at once, a stream on it breaks off.', until: (at) => `valid until ${at}`, signal: 'Picture received', noSignal: 'No picture received yet' },
    endedTitle: 'Ended', endedText: 'The replay is being made.', toSession: 'See the session', notReady: 'This session cannot go live yet', state: (state) => `It is "${state}" now`, fellOut: 'The stream broke off', start2: 'Stream from this phone',
  },
  control: {
    title: 'Control room', script: 'Run of show', items: (n) => `${n} item${s(n)}`, rest: (text) => `${text} left`, over: (text) => `${text} over`, pin: 'Explain', unpin: 'Unpin', explained: 'Explained', explaining: 'Now explaining', withdrawn: 'Withdrawn', add: 'Add boxes', restore: 'Restore',
    viewerSees: 'What viewers see', openRoom: 'Open the room', viewers: 'Watching', peak: 'Peak', visits: 'Visits', likes: 'Likes', orders: 'Paid orders', paid: 'Paid', units: 'Sold', stock: 'Stock', flash: 'Flash price', price: 'Price', left: 'Ends in', base: 'Compared with', ship: 'Ships', lots: 'Lot',
    acts: { price: 'Price', flash: 'Flash', boxes: 'Add boxes', withdraw: 'Withdraw', flashEnd: 'End flash' }, noPin: 'Nothing is being explained', noPinText: 'Press 1 to 9, or "Explain" on the left.', gone: 'End', mbit: (n) => `${n} Mbit/s`, fps: (n) => `${n} frames`, noSignal: 'No signal', steady: 'Steady', weak: 'Weak',
    questions: 'Questions', open: (n) => `${n} open`, byVotes: 'by votes', votes: (n) => `${n} vote${s(n)}`, say: 'Host answered', text: 'Answer in words', skip: 'Skip', answered: (at) => `answered ${at}`, noQuestions: 'Nobody has asked yet', answer: 'Answer', send: 'Send',
    chat: 'Chat', noChat: 'Nobody has spoken yet', mute: 'Mute', ban: 'Ban', hide: 'Hide', unmute: 'Unmute', speak: 'Speak as assistant', muted: 'Muted', hidden: 'Hidden', chartTitle: 'Paid orders a minute', chartOrders: 'Orders', chartViewers: 'Watching', chartNone: 'One bar a minute once live', chartLabel: (orders, peak) => `${orders} orders in all, at most ${peak} watching`, chartPin: (title) => `explaining ${title}`,
    newPrice: 'New price', priceNow: (price) => `now ${price}`, priceAct: (price) => `Change to ${price}`, flashPrice: 'Flash price', flashUnits: 'How many boxes', flashPer: 'Limit per buyer', flashMinutes: 'How long', flashAct: (price, n) => `${price} for ${n} min`, boxesLot: 'From which lot', boxesN: 'How many boxes', boxesAct: (n) => `Add ${n}`, noLots: 'No lot fits',
    withdrawAsk: (title) => `Withdraw "${title}"?`, withdrawText: 'Viewers cannot buy it any more. You can restore it.', muteTitle: (who) => `Mute ${who}`, reason: 'Reason', reasons: ['Luring elsewhere', 'Abuse', 'Flooding', 'False claims'], muteFor: 'How long', muteAct: (n) => `Mute for ${n} min`, banTitle: (who) => `Ban ${who}`, banText: 'This person can no longer speak in your rooms.', banAct: 'Ban',
    done: { pin: 'Explaining', price: 'Price changed', flash: 'Flash price on', flashEnd: 'Flash price over', boxes: 'Boxes added', withdraw: 'Withdrawn', restore: 'Restored', mute: 'Muted', ban: 'Banned', answer: 'Answered', skip: 'Skipped', unmute: 'Unmuted' },
    help: 'Keys', keys: { '1-9': 'explain item', P: 'price', S: 'flash', Q: 'first question', M: 'mute the last speaker', '?': 'this list' }, reconnecting: 'Reconnecting', live: 'Live', minutes: (n) => `${n} min`, tabs: { script: 'Script', now: 'Now', talk: 'Talk' }, province: (place, units, title) => `${units}${title ? ` of ${title}` : ''} sold${place ? ` to ${shared.province(place)}` : ''}`,
    inStock: (n, unit) => `${shared.units(n, unit)} left`, prompter: 'Prompter', more: 'More', belowFloor: 'Not below the floor price', limit: 'no limit',
  },
  prompter: { empty: 'Nothing is being explained', text: 'Once something is, its words stand here.', next: 'Tap for the next line', mirror: 'Mirror', bigger: 'Larger', never: 'Never say: best, first, cheapest anywhere, cures', wants: (n) => `${n} want to know`, back: 'Leave', net: (m) => `Net ${m}.`, unit: (price, per) => `${price}, ${per}.`, picked: (day) => `Picked ${day}.`, grade: (title, grade) => `${title}, ${grade}.`, ship: (day) => `Order now, ships ${day}.`, seller: (name) => `Sold by ${name}.`, left: (n) => `${n} left.` },
}
