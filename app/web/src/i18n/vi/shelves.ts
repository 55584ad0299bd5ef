/** Words of laying aside (tạm gác), in Vietnamese. */

import type { Reach } from '../../shelves/shelf';

const reaches: Record<Reach, string> = {
  rule: 'Chỉ luật này ở camera này',
  zone: 'Cả vùng này của camera',
  camera: 'Cả camera',
};

export const shelves = {
  shelves: {
    title: 'Đang tạm gác',
    none: 'Không gác gì.',
    menu: 'Tạm gác cảnh báo',
    act: 'Tạm gác…',
    reason: 'Lý do (bắt buộc)',
    example: 'VD: quán nướng mở đến 22 giờ',
    reach: 'Gác những gì',
    reaches,
    length: 'Trong',
    lengthOf: (minutes: number) =>
      minutes < 60
        ? `${minutes} phút`
        : minutes > 1400
          ? '24 giờ'
          : `${String(minutes / 60).replace('.', ',')} giờ`,
    coversP1: 'Gác cả cảnh báo khẩn cấp (chỉ huy ca)',
    p1Stays: 'Cảnh báo khẩn cấp vẫn báo: chỉ các cảnh báo mức thấp hơn được gác.',
    send: 'Tạm gác',
    set: (name: string, time: string) => `Đã tạm gác ${name} đến ${time}.`,
    ofRule: (rule: string) => `luật “${rule}”`,
    ofZone: (zone: string) => `vùng ${zone}`,
    ofCamera: 'cả camera',
    p1: 'gồm cả khẩn cấp',
    by: (name: string, time: string) => `${name} gác lúc ${time}`,
    until: (time: string) => `đến ${time}`,
    ended: (time: string, by: string) => `hết lúc ${time} (${by})`,
    byTime: 'hết giờ',
    alerts: (count: number) => `${count} cảnh báo đang nằm trong`,
    end: 'Bỏ gác',
    endedTitle: (count: number) => `Đã hết (${count})`,
    close: 'Đóng',
    count: (count: number) => `Đang gác ${count}`,
    row: (time: string) => `Gác đến ${time}`,
    fact: (time: string, why: string) => `Đang tạm gác đến ${time}${why ? `: ${why}` : ''}`,
  },
};
