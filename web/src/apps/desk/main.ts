import '@/ui/all.css'
import '@/ui/desk.css'
import '@/ui/phone.css'
import '@/parts/work/work.css'
import { start } from '@/parts/start'
import { dw } from '@/words/desk'
import App from './App.vue'
import { router } from './router'

void start(App, router, () => dw.brand)
