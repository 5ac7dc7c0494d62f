/** Takes a pasted parcel address apart: "张三 13800000000 浙江省杭州市西湖区示例路 8 号". */

export interface Pasted { recipient: string; phone: string; region: string; detail: string }

const PHONE = /(?:\+?86[-\s]?)?(1\d{2}[-\s]?\d{4}[-\s]?\d{4})/
const LABEL = /(?:收货人|收件人|姓名|联系人|手机号码|手机号|手机|电话|联系电话|所在地区|详细地址|收货地址|地址)[::]\s*/g
const REGION = /^((?:[^\s]{2,8}?(?:省|自治区|特别行政区))?\s*(?:[^\s]{2,10}?(?:市|自治州|地区|盟))?\s*(?:[^\s]{1,10}?(?:自治县|自治旗|县|区|旗|市))?)/

/** What was understood; parts that were not are empty. `region` is for the search of divisions. */
export function takeApart(text: string): Pasted {
  const clean = text.replace(LABEL, ' ').replace(/[,,;;、\n\t]+/g, ' ').trim()
  const phone = PHONE.exec(clean)
  const rest = (phone ? clean.replace(phone[0], ' ') : clean).split(/\s+/).filter(Boolean)
  const isPlace = (word: string) => /[省市县区旗州盟镇乡村路街道号室]/.test(word)
  const at = rest.findIndex((word) => !isPlace(word) && /^[\p{L}·.]{2,15}$/u.test(word))
  const recipient = at >= 0 ? (rest[at] ?? '') : ''
  const place = rest.filter((_word, index) => index !== at).join('')
  const region = REGION.exec(place)?.[1]?.trim() ?? ''
  return {
    recipient,
    phone: phone?.[1]?.replace(/[-\s]/g, '') ?? '',
    region,
    detail: place.slice(region.length).trim(),
  }
}
