import '@/ui/all.css'
import '@/ui/phone.css'
import 'vant/es/style/base.css'
import '@/ui/vant.css'
import { start } from '@/parts/start'
// pages come later than the words, so the words of all of them are named here
import '@/words/camera'
import { w } from '@/words/shared'
import App from './App.vue'
import { router } from './router'

void start(App, router, () => w.brand)
