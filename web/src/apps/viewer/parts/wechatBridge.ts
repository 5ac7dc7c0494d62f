/** What WeChat puts into pages that it shows; absent everywhere else. */
interface Bridge {
  invoke(what: 'getBrandWCPayRequest', said: Record<string, string>, done: (answer: { err_msg: string }) => void): void
}
declare global {
  interface Window { WeixinJSBridge?: Bridge }
}

const WAIT_MS = 5000

/** The bridge comes some time after the page; null if it does not. */
function bridge(): Promise<Bridge | null> {
  if (window.WeixinJSBridge) return Promise.resolve(window.WeixinJSBridge)
  return new Promise((done) => {
    const timer = window.setTimeout(() => done(null), WAIT_MS)
    document.addEventListener('WeixinJSBridgeReady', () => {
      window.clearTimeout(timer)
      done(window.WeixinJSBridge ?? null)
    }, { once: true })
  })
}

/** Shows WeChat's own payment sheet. What it says is a hint only: the server hears from WeChat Pay. */
export async function payInWechat(said: Record<string, string>): Promise<'asked' | 'refused' | 'absent'> {
  const found = await bridge()
  if (!found) return 'absent'
  return new Promise((done) =>
    found.invoke('getBrandWCPayRequest', said, (answer) => done(answer.err_msg.endsWith(':ok') ? 'asked' : 'refused')),
  )
}
