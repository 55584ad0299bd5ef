/** Words of the settings, in Vietnamese. */

import type { components } from '../../api/schema';
import type { Section } from '../../settings/sections';

type AddressProblem = components['schemas']['AddressProblem'];
import { accounts } from './accounts';
import { deliveries } from './deliveries';
import { roster } from './roster';

const sections: Record<Section, string> = {
  accounts: 'Tài khoản',
  roster: 'Lịch trực',
  walls: 'Màn hình lớn',
  phones: 'Điện thoại làm camera',
  deliveries: 'Gửi ra ngoài',
  shelvings: 'Tạm ngưng báo',
  nuisances: 'Nơi hay báo giả',
  devices: 'Thiết bị báo động',
};

const publicAddress: Record<AddressProblem, string> = {
  this_machine:
    'Địa chỉ này chỉ mở được trên chính máy chủ, điện thoại và máy khác không mở được. Kỹ thuật ghi địa chỉ thật vào [centre] public_url.',
  plain_http:
    'Địa chỉ này chưa có https: điện thoại sẽ không cho dùng máy ảnh, và người khác trong mạng có thể đọc được. Kỹ thuật cài chứng chỉ, rồi ghi public_url.',
};

export const settings = {
  publicAddress,
  settings: {
    sections,
    nothing: 'Tài khoản này không có mục nào để thiết lập.',
    no: 'Không',
    accounts,
    deliveries,
    roster,
    undo: 'Hoàn tác',
    shelvings: {
      how: 'Những camera, vùng, loại cảnh báo đang tạm ngưng. Bỏ tạm ngưng thì cảnh báo báo lại ngay; bấm Hoàn tác để ngưng lại như cũ.',
      end: 'Bỏ tạm ngưng',
      endAsked: (alerts: number) =>
        alerts > 0 ? `${alerts} cảnh báo sẽ báo lại ngay.` : 'Cảnh báo mới sẽ báo ngay.',
      ended: (name: string) => `Đã bỏ tạm ngưng: ${name}.`,
    },
    nuisances: {
      how: (days: number) =>
        `Những chỗ bị báo giả nhiều lần trong ${days} ngày. Mở camera để lấy vùng bỏ qua cho kỹ thuật, hoặc tạm ngưng báo từ bàn trực.`,
      camera: 'Camera',
      what: 'Loại cảnh báo',
      count: 'Số lần',
      mask: 'Mở camera',
      none: 'Không có chỗ nào.',
    },
    walls: {
      how: 'Mở địa chỉ /wall trên máy của màn hình lớn. Màn hình hiện sáu chữ số trong 2 phút; nhập vào đây để mở. Màn hình chỉ để xem, và thấy đúng những camera đồng chí được xem.',
      code: 'Mã trên màn hình',
      name: 'Tên màn hình',
      namePlaceholder: 'VD: Sảnh tầng 1',
      open: 'Mở màn hình',
      opened: (name: string, address: string) =>
        `Đã mở “${name}” (máy ${address}). Nếu không phải màn hình của đơn vị, bấm Đóng màn hình ngay.`,
      inForce: 'Đang mở',
      none: 'Chưa có màn hình lớn nào.',
      by: 'Người mở',
      since: 'Từ lúc',
      end: 'Đóng màn hình',
      endAsked: 'Màn hình sẽ tắt hình ngay.',
    },
  },
};
