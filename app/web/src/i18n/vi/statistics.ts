/** Words of outcomes (kết quả vụ việc) and statistics (thống kê), in Vietnamese. */

import type { PeriodUnit, StatisticChoice, StatisticPopulation } from '../../statistics/statistics';

const ROMAN = ['I', 'II', 'III', 'IV'];

const units: Record<PeriodUnit, string> = { month: 'Tháng', quarter: 'Quý', year: 'Năm' };

const populations: Record<StatisticPopulation, string> = {
  all: 'mọi vụ việc',
  real: 'vụ có thật hoặc chưa kết luận',
  fires: 'các vụ cháy, nổ, chập điện',
  others: 'các vụ không phải cháy, nổ',
  calls: 'cuộc gọi',
  messages: 'tin nhắn',
};

const losses = {
  dead: 'Số người chết',
  injured: 'Số người bị thương',
  rescued: 'Số người được cứu',
  damage_vnd: 'Thiệt hại tài sản (đồng)',
  vehicles: 'Lượt phương tiện',
  water_m3: 'Nước đã dùng (m³)',
  missing: 'Vụ đã kết thúc chưa ghi kết quả',
};

export const statistics = {
  statistics: {
    title: 'Thống kê tháng, quý, năm',
    units,
    period: ({ unit, year, part }: StatisticChoice) =>
      unit === 'month'
        ? `Tháng ${part}/${year}`
        : unit === 'quarter'
          ? `Quý ${ROMAN[part - 1]}/${year}`
          : `Năm ${year}`,
    parts: {
      incidents: 'Vụ việc',
      outcome: 'Thiệt hại và lực lượng: các vụ cháy, nổ',
      other_outcome: 'Thiệt hại và lực lượng: các vụ việc khác',
      cause: 'Nguyên nhân các vụ cháy, nổ',
      premises: 'Nơi xảy ra các vụ cháy, nổ',
      response: 'Thời gian xử lý (giây, trung vị)',
      calls: 'Cuộc gọi và tin nhắn',
    },
    line: 'Gọi đến ',
    populations,
    now: 'Kỳ này',
    notRecorded: '—',
    lacking: (count: number) => `${count} vụ chưa rõ`,
    form: 'Mẫu',
    formHint:
      'Tệp mẫu của Excel và PDF: mục, dòng, tiêu đề. Kỹ thuật sửa rồi khai báo vào cấu hình.',
    failed: 'Chưa lập được thống kê; đang thử lại.',
    open: (name: string, figure: string) => `${name}: ${figure}, mở các vụ việc`,
    more: (count: number) => `và ${count} vụ việc nữa (có đủ trong tệp Excel)`,
    outcome: 'Thiệt hại, nguyên nhân, lực lượng',
    figures: {
      dead: 'Số người chết',
      injured: 'Số người bị thương',
      rescued: 'Số người được cứu',
      damage_vnd: 'Thiệt hại (đồng)',
      area_m2: 'Diện tích cháy (m²)',
      vehicles: 'Lượt phương tiện',
      water_m3: 'Nước đã dùng (m³)',
    },
    cause: 'Nguyên nhân',
    premises: 'Nơi xảy ra',
    notKnown: 'chưa rõ',
    sentUnits: (count: number) => `theo nhật ký: ${count}`,
    wrong: (names: string) => `Không phải là số: ${names}`,
    writtenBy: (name: string, time: string) => `${name} ghi lúc ${time}`,
    write: 'Ghi kết quả',
    rows: {
      incidents: {
        total: 'Tổng số vụ việc',
        real: 'Có thật hoặc chưa kết luận',
        fires: 'Tổng số vụ cháy, nổ',
        false_alarm: 'Báo nhầm',
        hoax: 'Báo giả',
        nothing_found: 'Không phát hiện vụ việc',
        still_open: 'Chưa kết thúc',
      },
      outcome: { ...losses, area_m2: 'Diện tích cháy (m²)' },
      other_outcome: losses,
      cause: {
        electrical: 'Sự cố điện',
        open_fire: 'Sơ suất dùng lửa, nhiệt',
        hot_work: 'Hàn, cắt',
        technical: 'Sự cố kỹ thuật, công nghệ',
        gas: 'Khí đốt',
        vehicle: 'Tai nạn, sự cố phương tiện',
        arson: 'Đốt',
        nature: 'Thiên tai, sét',
        self_ignition: 'Tự cháy',
        other: 'Nguyên nhân khác',
        unknown: 'Chưa rõ nguyên nhân',
        not_said: 'Chưa ghi',
      },
      premises: {
        house: 'Nhà ở',
        shop_house: 'Nhà ở kết hợp kinh doanh, sản xuất',
        flats: 'Chung cư',
        rooms: 'Nhà trọ',
        market: 'Chợ, trung tâm thương mại',
        warehouse: 'Kho',
        factory: 'Cơ sở sản xuất',
        office: 'Trụ sở, văn phòng',
        school: 'Trường học',
        hospital: 'Cơ sở y tế',
        hotel: 'Khách sạn, nhà nghỉ',
        entertainment: 'Cơ sở vui chơi, karaoke',
        vehicle: 'Phương tiện giao thông',
        power_line: 'Cột, trạm, đường dây điện',
        open_land: 'Rừng, bãi cỏ, bãi rác',
        street: 'Đường phố',
        other: 'Nơi khác',
        not_said: 'Chưa ghi',
      },
      response: {
        dispatched: 'Đến khi điều lực lượng',
        en_route: 'Đến khi xuất phát',
        on_scene: 'Đến khi có mặt',
        controlled: 'Đến khi khống chế',
        closed: 'Đến khi kết thúc',
      },
      calls: {
        hoaxes: 'Cuộc gọi giả, quấy rối',
        duplicates: 'Cuộc gọi trùng một vụ việc',
        hoax_messages: 'Tin nhắn giả',
        total: 'Tổng số cuộc gọi',
        line_TN: 'Từ tin nhắn',
      },
    },
  },
};
