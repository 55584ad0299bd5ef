/** Words of the phone as a camera, in Vietnamese: on the phone, and where its link is made. */

import type { PhoneState } from '../../phones/phone-camera.svelte';

const states: Record<PhoneState, string> = {
  ready: 'Chưa gửi hình',
  asking: 'Đang xin quyền dùng máy ảnh…',
  connecting: 'Đang nối tới trung tâm…',
  sending: 'Trung tâm đang nhận hình',
  broken: 'MẤT KẾT NỐI — đang tự nối lại',
  refused: 'Không dùng được máy ảnh',
  insecure: 'Trang này chưa có https',
  used: 'Đường dẫn đã dùng ở điện thoại khác',
  over: 'Đường dẫn đã hết hạn',
};

const explained: Partial<Record<PhoneState, string>> = {
  ready:
    'Hướng máy ảnh về hiện trường rồi bấm nút bên dưới. Hình đi thẳng về trung tâm, không qua mạng ngoài.',
  asking: 'Bấm “Cho phép” khi điện thoại hỏi.',
  refused:
    'Mở cài đặt của trình duyệt, cho phép trang này dùng máy ảnh, rồi bấm lại. Đóng ứng dụng khác đang dùng máy ảnh.',
  insecure: 'Điện thoại chỉ cho dùng máy ảnh trên trang https. Báo kỹ thuật của trung tâm.',
  used: 'Mỗi đường dẫn chỉ dùng cho một điện thoại. Xin trung tâm đường dẫn mới.',
  over: 'Xin trung tâm đường dẫn mới nếu còn cần gửi hình.',
};

export const phone = {
  phone: {
    title: 'Điện thoại làm camera',
    states,
    explained,
    begin: 'Bắt đầu gửi hình',
    stop: 'Dừng gửi',
    turn: 'Đổi máy ảnh',
    own: 'Hình từ máy ảnh này',
    hint: 'Giữ màn hình sáng và mở trang này. Chỉ gửi hình, không gửi tiếng.',
    link: {
      open: 'Điện thoại làm camera',
      title: 'Điện thoại làm camera',
      name: 'Tên hiện trên màn hình',
      namePlaceholder: 'VD: Điện thoại tổ 3',
      minutes: 'Dùng trong',
      minutesOf: (count: number) => (count < 60 ? `${count} phút` : `${count / 60} giờ`),
      area: 'Khu vực',
      noArea: 'Không ghi',
      make: 'Tạo đường dẫn',
      scan: 'Quét mã này bằng điện thoại. Mã chỉ hiện một lần và chỉ dùng cho một điện thoại.',
      noQr: 'Mở đường dẫn này trên điện thoại. Đường dẫn chỉ hiện một lần và chỉ dùng cho một điện thoại.',
      qr: 'Mã QR của đường dẫn',
      address: 'Đường dẫn',
      failed: (why: string) => `Chưa tạo được: ${why}`,
      inForce: 'Đang có hiệu lực',
      none: 'Chưa có điện thoại nào.',
      sending: 'đang gửi hình',
      waiting: 'chưa gửi',
      until: (time: string) => `đến ${time}`,
      end: 'Kết thúc',
      another: 'Tạo đường dẫn khác',
    },
  },
};
