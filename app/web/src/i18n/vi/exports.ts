/** Words of exports of film and pictures, in Vietnamese. */

export const exports = {
  exports: {
    take: 'Tải về',
    busy: 'Đang làm…',
    blurredMeans:
      'Bản tải về là bản sao đã làm mờ người và biển số, có tên người tải. Máy có thể bỏ sót: xem lại trước khi công bố.',
    unblurredMeans:
      'Bản gốc, không làm mờ. Tên và mục đích được ghi vào nhật ký và vào bản kê niêm phong.',
    unblurred: 'Không làm mờ (chỉ huy)',
    purpose: 'Mục đích (ghi vào nhật ký)',
    waiting: 'Đang chờ bản xuất trước…',
    making: (percent: number) => `Đang làm mờ… ${percent} %`,
    cancel: 'Hủy',
    filmTitle: 'Tải phim về',
    filmSaved: (name: string) => `Đã tải ${name}. Việc tải đã ghi vào nhật ký.`,
  },
};
