/** Words of a crew's phone, and of what officers see of it, in Vietnamese. */

import type { CrewState } from '../../crews/crew-phone.svelte';

const states: Record<CrewState, string> = {
  acknowledged: 'Đã nhận',
  en_route: 'Đang đi',
  on_scene: 'Đã đến',
  finished: 'Xong',
};

export const crews = {
  crews: {
    title: 'Hiện trường',
    states,
    online: 'Có mạng',
    offline: (time: string) => `Mất mạng từ ${time}`,
    neverHeard: 'Chưa nối được trung tâm',
    waiting: (count: number) => `${count} mục chờ gửi`,
    refused: 'Trung tâm không nhận',
    dismiss: 'Đã đọc',
    loginToSend: (count: number) =>
      `Phiên làm việc đã hết. ${count} mục vẫn giữ trên máy này; đăng nhập lại để gửi.`,
    heldOfOthers: (count: number) => `${count} mục của tài khoản khác còn giữ trên máy này`,
    noUnit: 'Tài khoản này chưa gắn với đơn vị nào. Hãy báo quản trị.',
    nothing: 'Chưa có lệnh điều động.',
    toldAt: (time: string) => `điều lúc ${time}`,
    left: 'đã rời vụ việc',
    closed: (name: string, time: string) =>
      `${name || 'Trung tâm'} đã kết thúc vụ việc này lúc ${time}`,
    moreWaits: (text: string, time: string) => `Đã gửi lúc ${time}, chờ trung tâm nhận: ${text}`,
    moreTaken: (text: string, name: string) => `${name} đã nhận: ${text}`,
    wayThere: 'Đường đi',
    ways: {
      road: (m: number, min: number) =>
        `${(m / 1000).toFixed(1).replace('.', ',')} km theo đường · ${min} phút`,
      line: (m: number) =>
        `${(m / 1000).toFixed(1).replace('.', ',')} km đường thẳng (chưa có đường đi)`,
    },
    noWay: 'Chưa biết vị trí của đơn vị',
    navigate: 'Mở bản đồ chỉ đường',
    locate: 'Dùng vị trí của máy này',
    located: 'Đang gửi vị trí của máy này',
    said: 'Lời báo tin',
    water: 'Nước, đơn vị gần',
    facilities: 'Cơ sở',
    reports: 'Đã báo về trung tâm',
    sound: 'Chạm để bật tiếng báo',
    alarms: 'Khẩn cấp trong địa bàn',
    heard: 'Đã nghe',
    media: 'Ảnh, phim',
    note: 'Ghi chú',
    more: 'Xin thêm',
    noteLabel: 'Ghi chú gửi trung tâm',
    moreLabel: 'Xin thêm gì, bao nhiêu',
    send: 'Gửi',
    cancel: 'Hủy',
    tooLarge: 'Tệp lớn hơn 20 MB: hãy quay đoạn ngắn hơn.',
    things: { state: 'Trạng thái', note: 'Ghi chú', more: 'Xin thêm', file: 'Ảnh, phim' },
    kinds: {
      state: 'Trạng thái',
      note: 'Ghi chú',
      request: 'Xin thêm',
      photo: 'Ảnh',
      video: 'Phim',
    },
    taken: (name: string) => `${name} đã nhận đề nghị`,
    sentLater: (time: string) => `gửi về lúc ${time}`,
    fileRemoved: 'đã xóa theo thời hạn lưu',
    picture: (unit: string) => `Hình của ${unit}`,
    desk: {
      title: 'Hiện trường báo về',
      asks: (unit: string, what: string) => `${unit} xin thêm: ${what}`,
      take: 'Nhận đề nghị',
      band: 'Hiện trường xin thêm',
    },
    dispatchKeys: 'lấy đơn vị theo phương án hoặc gần nhất, thêm bớt, đã nhắc lại, điều đi',
  },
};
