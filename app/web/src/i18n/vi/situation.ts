/** Words of the situation report, in Vietnamese. */

import type { SituationPart, SituationPeriod } from '../../reports/situation';

const periods: Record<SituationPeriod, string> = {
  day: 'Ngày',
  month: 'Tháng (15–14)',
  quarter: 'Quý',
  half_year: '6 tháng',
  year: 'Năm',
};

const parts: Record<SituationPart, string> = {
  incidents: 'Vụ việc',
  calls: 'Cuộc gọi',
  alerts: 'Cảnh báo',
  response: 'Thời gian xử lý (giây)',
};

export const situation = {
  situation: {
    reports: 'Các báo cáo',
    title: 'Tình hình trong ngày và theo kỳ',
    periods,
    parts,
    day: 'Ngày',
    before: 'Trước',
    after: 'Sau',
    figure: 'Chỉ số',
    now: 'Kỳ này',
    verdicts: { confirmed: 'Có thật', unjudged: 'Chưa kết luận', rejected: 'Không có thật' },
    total: 'Tổng số',
    ofTotal: 'có thật / tổng số',
    compared: {
      day_before: 'Hôm trước',
      week_before: 'Cùng ngày tuần trước',
      period_before: 'Kỳ trước',
      year_before: 'Cùng kỳ năm trước',
    },
    unknown: 'chưa có số liệu',
    soFar: (time: string) => `Kỳ chưa kết thúc: số liệu đến ${time}, kỳ so sánh đến cùng giờ.`,
    halfYear: (part: number, year: number) => `6 tháng ${part === 1 ? 'đầu' : 'cuối'} năm ${year}`,
    failed: 'Chưa lập được báo cáo; đang thử lại.',
    lines: {
      incidents: {
        total: 'Tổng số vụ việc',
        still_open: 'Trong đó chưa kết thúc',
      },
      calls: {
        total: 'Tổng số cuộc gọi',
        line_112: 'Gọi đến 112',
        line_113: 'Gọi đến 113',
        line_114: 'Gọi đến 114',
        line_115: 'Gọi đến 115',
        line_TN: 'Từ tin nhắn',
      },
      alerts: {
        total: 'Tổng số cảnh báo giám sát',
        system: 'Sự cố của hệ thống giám sát',
      },
      response: {
        dispatched: 'Đến khi điều lực lượng, trung vị',
        on_scene: 'Đến khi có mặt, trung vị',
      },
    },
    text: 'Nhận xét, đánh giá của chỉ huy',
    noText: 'Chưa có nhận xét của chỉ huy.',
    writtenBy: (name: string, time: string, version: number) =>
      `${name} · ${time} · bản ${version}`,
    write: 'Viết nhận xét',
    save: 'Lưu',
    cancel: 'Bỏ',
    versions: 'Các bản đã viết',
    takenBack: '(đã rút nội dung)',
    noVersion: 'Chưa có bản nào.',
  },
};
