/** Words of notices to the public (thông báo cho người dân), in Vietnamese. */

import type { PublicAct, PublicNoticeState } from '../../public_notices/public-notices';

const states: Record<PublicNoticeState, string> = {
  draft: 'Bản thảo, chưa công bố',
  published: 'Đã công bố',
  withdrawn: 'Đã rút lại',
};

const acts: Record<PublicAct, string> = {
  published: 'Công bố lúc',
  corrected: 'Đính chính lúc',
  withdrawn: 'Rút lại lúc',
};

export const notices = {
  notices: {
    screen: 'Thông báo cho người dân',
    lead: 'Soạn từ vụ việc, chỉ huy khác ký rồi mới công bố. Không nêu tên người, số nhà, số điện thoại, thư điện tử, tọa độ.',
    publicPage: 'Trang công khai',
    none: 'Chưa có thông báo nào. Soạn từ trang của một vụ việc.',
    failed: 'Chưa tải được thông báo; đang thử lại.',
    incident: 'vụ việc',
    states,
    acts,
    earlier: 'Các bản trước, không còn giá trị',
    title: 'Tiêu đề',
    text: 'Nội dung',
    rules:
      'Chỉ nêu phường, khu vực. Máy từ chối số nhà, ngõ, số điện thoại, biển số xe, thư điện tử, tọa độ và tên người.',
    draftedBy: (name: string, time: string) => `${name} soạn lúc ${time}`,
    anotherSigns: 'chỉ huy khác phải ký',
    signedBy: (name: string) => `${name} ký`,
    sign: 'Ký và công bố',
    edit: 'Sửa bản thảo',
    correct: 'Đính chính',
    withdraw: 'Rút lại',
    reason: 'Lý do rút lại (người dân đọc được)',
    keep: 'Lưu bản thảo',
    cancel: 'Thôi',
    draft: 'Soạn thông báo cho người dân',
  },
};
