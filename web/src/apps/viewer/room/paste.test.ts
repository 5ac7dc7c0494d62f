import { expect, it } from 'vitest'
import { takeApart } from './paste'

it('takes a line apart', () => {
  expect(takeApart('示例人 13800000000 浙江省杭州市西湖区示例路 8 号 3 单元')).toEqual({
    recipient: '示例人', phone: '13800000000', region: '浙江省杭州市西湖区', detail: '示例路8号3单元',
  })
})
it('takes labelled lines apart', () => {
  expect(takeApart('收货人: 示例人\n手机号码: 138 0000 0000\n所在地区: 云南省 怒江傈僳族自治州 贡山独龙族怒族自治县\n详细地址: 茨开镇示例街 1 号')).toEqual({
    recipient: '示例人', phone: '13800000000', region: '云南省怒江傈僳族自治州贡山独龙族怒族自治县', detail: '茨开镇示例街1号',
  })
})
it('leaves out what is not there', () => {
  expect(takeApart('13800000000')).toEqual({ recipient: '', phone: '13800000000', region: '', detail: '' })
})
