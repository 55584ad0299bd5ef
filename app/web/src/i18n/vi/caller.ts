/** Words of the caller's own page, and of what an officer sees of it, in Vietnamese. */

import type { CallerState, Sending, SentThing } from '../../calls/caller-page.svelte';

const states: Record<CallerState, string> = {
  opening: 'Đang mở…',
  open: '',
  link_used:
    'Đường dẫn này đã mở trên một điện thoại khác. Hãy gọi lại trung tâm để xin đường dẫn mới.',
  link_over: 'Đường dẫn không có hoặc đã hết hạn. Hãy gọi lại trung tâm để xin đường dẫn mới.',
  unreachable: 'Chưa nối được tới trung tâm. Kiểm tra mạng rồi thử lại.',
};

const sending: Record<Sending, string> = {
  sending: 'đang gửi…',
  sent: 'trung tâm đã nhận',
  failed: 'chưa gửi được.',
};

const things: Record<SentThing['what'], string> = {
  position: 'Vị trí',
  text: 'Lời nhắn',
  file: 'Tệp',
};

export const caller = {
  caller: {
    title: 'Gửi cho trung tâm',
    states,
    sending,
    things,
    lead: 'Trung tâm cần biết bạn đang ở đâu và thấy gì. Giữ an toàn trước, gửi sau.',
    locate: '1. Gửi vị trí của tôi',
    positionRefused: 'Điện thoại không cho biết vị trí. Hãy bật định vị và cho phép trang này.',
    located: (m: number) => `Trung tâm đã có vị trí, sai số khoảng ${Math.round(m)} m.`,
    photo: '2. Gửi ảnh hoặc phim (tối đa 20 MB)',
    live: 'Gửi hình trực tiếp',
    text: '3. Viết thêm: tầng mấy, có ai mắc kẹt',
    send: 'Gửi lời nhắn',
    tooLarge: 'Tệp lớn hơn 20 MB: hãy quay đoạn ngắn hơn.',
    hint: 'Chỉ trung tâm xem được. Đường dẫn dùng cho một điện thoại, trong 30 phút.',
    desk: {
      title: (number: string) => `Người gọi ${number} cho xem`,
      make: 'Tạo đường dẫn gửi người gọi',
      text: 'Nhắn đường dẫn cho người gọi',
      texts: {
        waiting: 'Đang gửi tin nhắn cho người gọi…',
        delivered: 'Đã nhắn cho người gọi',
        dead: 'Không nhắn được cho người gọi',
        discarded: 'Tin nhắn không còn cần gửi',
      },
      trying: 'Chưa nhắn được, máy đang gửi lại',
      again: 'Đường dẫn mới',
      end: 'Thu hồi',
      until: (time: string) => `dùng được đến ${time}`,
      over: 'đường dẫn đã hết hạn',
      opened: (time: string) => `đã mở lúc ${time}`,
      notOpened: 'người gọi chưa mở',
      qr: 'Mã của đường dẫn',
      sms: (url: string) => `Trung tâm tiếp nhận tin: mở đường dẫn này để gửi vị trí, ảnh: ${url}`,
      smsLink: 'Nhắn tin cho số vừa gọi',
      position: (lat: number, lon: number, m: number) =>
        `Vị trí ${[lat, lon].map((one) => one.toFixed(5).replace('.', ',')).join('; ')}, sai số ${Math.round(m)} m`,
      photo: (number: string) => `Hình của người gọi ${number}`,
      removed: '(đã xóa dữ liệu người gọi)',
    },
  },
};
