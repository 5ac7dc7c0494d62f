import '@/ui/all.css'
import '@/ui/desk.css'
import '@/ui/phone.css'
import '@/parts/work/work.css'
import { startOffline } from '@/offline/start'
import { start } from '@/parts/start'
import '@/words/camera'
import '@/words/inspect'
import '@/words/papers'
import { sw } from '@/words/studio'
import App from './App.vue'
import { router } from './router'

startOffline()
void start(App, router, () => sw.brand)
