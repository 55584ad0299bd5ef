/** Words of laying aside (tạm ngưng báo), in Vietnamese. */

import type { Reach } from '../../suppression/shelf';

const reaches: Record<Reach, string> = {
  rule: 'Chỉ luật này ở camera này',
  zone: 'Cả vùng này của camera',
  camera: 'Cả camera',
};

export const shelves = {
  shelves: {
    title: 'Đang tạm ngưng báo',
    none: 'Không ngưng cảnh báo nào.',
    menu: 'Tạm ngưng báo',
    act: 'Tạm ngưng báo…',
    reason: 'Lý do (bắt buộc)',
    example: 'VD: quán nướng mở đến 22 giờ',
    reach: 'Tạm ngưng những gì',
    reaches,
    length: 'Trong',
    lengthOf: (minutes: number) =>
      minutes < 60
        ? `${minutes} phút`
        : minutes > 1400
          ? '24 giờ'
          : `${String(minutes / 60).replace('.', ',')} giờ`,
    coversP1: 'Tạm ngưng cả cảnh báo khẩn cấp (chỉ huy ca)',
    p1Stays: 'Cảnh báo khẩn cấp vẫn báo: chỉ các cảnh báo mức thấp hơn được tạm ngưng.',
    send: 'Tạm ngưng báo',
    sendAnyway: 'Vẫn tạm ngưng cả khẩn cấp',
    set: (name: string, time: string) => `Đã tạm ngưng báo ${name} đến ${time}.`,
    ofRule: (rule: string) => `luật “${rule}”`,
    ofZone: (zone: string) => `vùng ${zone}`,
    ofCamera: 'cả camera',
    p1: 'gồm cả khẩn cấp',
    by: (name: string, time: string) => `${name} tạm ngưng lúc ${time}`,
    until: (time: string) => `đến ${time}`,
    ended: (time: string, by: string) => `hết lúc ${time} (${by})`,
    byTime: 'hết giờ',
    alerts: (count: number) => `${count} cảnh báo đang nằm trong`,
    end: 'Bỏ tạm ngưng',
    endedTitle: (count: number) => `Đã hết (${count})`,
    count: (count: number) => `Đang tạm ngưng báo: ${count}`,
    row: (time: string) => `Tạm ngưng đến ${time}`,
    fact: (time: string, why: string) => `Đang tạm ngưng báo đến ${time}${why ? `: ${why}` : ''}`,
  },
};
