/** Words of temporary watch areas, in Vietnamese. */

import type { Group, Status } from '../../watch_areas/area';

const statuses: Record<Status, string> = {
  proposed: 'chờ duyệt',
  expired: 'quá hạn, không ai duyệt',
  planned: 'đã duyệt, chưa bắt đầu',
  running: 'đang giám sát',
  ended: 'đã kết thúc',
  refused: 'không duyệt',
};
const groups: Record<Group, string> = {
  waiting: 'Chờ duyệt',
  running: 'Đang giám sát',
  planned: 'Sắp tới',
  over: 'Đã kết thúc, không duyệt',
};
const stepNames: Readonly<Record<string, string>> = {
  proposed: 'đề xuất',
  approved: 'duyệt',
  extended: 'gia hạn',
  ended: 'kết thúc, không duyệt',
};
const outcomes: Readonly<Record<string, string>> = {
  confirmed: 'Có thật',
  rejected: 'Báo giả',
  none: 'Chưa kết luận',
};

export const watchAreas = {
  watchAreas: {
    list: 'Các khu vực giám sát tạm thời',
    propose: 'Đề xuất khu vực',
    how: 'Khu vực chỉ hoạt động sau khi một chỉ huy khác duyệt. Hết giờ, hệ thống tự dừng.',
    inFiles:
      'Camera của hệ thống này khai báo trong tệp cấu hình. Khu vực giám sát tạm thời cần sổ đăng ký trong cơ sở dữ liệu: quản trị đặt [registry] source = "database".',
    choose: 'Chọn một khu vực để xem, duyệt, gia hạn hoặc kết thúc.',
    none: 'không có',
    groups,
    statuses,
    stepNames,
    outcomes,
    cameras: (count: number) => `${count} camera`,
    chosen: (count: number) => `đã chọn ${count}`,
    findCamera: 'Tìm camera theo tên, mã, khu vực',
    moreCameras: (count: number) => `Còn ${count} camera, gõ thêm để lọc.`,
    fields: {
      name: 'Tên khu vực',
      purpose: 'Mục đích',
      legal_basis: 'Căn cứ pháp lý',
      starts_at: 'Từ',
      ends_at: 'Đến',
      retention_days: 'Số ngày giữ chứng cứ, phim sau khi kết thúc',
      record: 'Ghi hình các camera này trong thời gian giám sát',
      cameras: 'Camera',
      rules: 'Báo khi',
      proposed_by: 'Người đề xuất',
      decided_by: 'Người duyệt',
      refused_by: 'Người không duyệt',
      reason: 'Lý do (gia hạn, kết thúc sớm, không duyệt)',
    },
    legalHint: 'số, ngày, cơ quan ban hành của quyết định hoặc kế hoạch',
    zonesHow: 'Có mục chỉ xét trong vùng: chọn vùng đã vẽ trên các camera đã chọn.',
    noZones: 'Các camera đã chọn chưa có vùng nào.',
    ownZonesHow: 'Hoặc vẽ vùng riêng của khu vực này; hết hạn thì vùng mất theo.',
    drawOn: (camera: string) => `Vẽ trên ${camera}`,
    ownZone: (zone: string, camera: string) => `Vùng riêng: ${zone} · ${camera}`,
    useZone: 'Dùng vùng này',
    dropZone: 'Bỏ',
    send: 'Gửi đề xuất',
    approve: 'Duyệt',
    notYours: 'Người đề xuất không được tự duyệt. Hãy để một chỉ huy khác quyết định.',
    refuse: 'Không duyệt',
    withdraw: 'Rút đề xuất',
    end: 'Kết thúc ngay',
    extend: 'Gia hạn',
    newEnd: 'Giờ kết thúc mới',
    alerts: 'Cảnh báo của khu vực',
    listAlerts: 'Xem danh sách, xuất báo cáo',
    steps: 'Nhật ký',
    yes: 'có',
    no: 'không',
    onWall: 'Giám sát tạm thời',
    until: (time: string) => `đến ${time}`,
    mark: (name: string) => `Khu vực giám sát: ${name}`,
    waiting: (count: number) => `${count} chờ duyệt`,
  },
};
