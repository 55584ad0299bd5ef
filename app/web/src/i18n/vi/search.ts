/** Words of the search over what was recorded, in Vietnamese. */

import type { Colour, Side } from '../../sightings/query';
import { labelsVi } from './machine';

const things: Readonly<Record<string, string>> = {
  person: 'Người',
  bicycle: 'Xe đạp',
  motorcycle: 'Xe máy',
  car: 'Ô tô con',
  bus: 'Xe buýt, xe khách',
  truck: 'Xe tải',
};

const colours: Record<Colour, string> = {
  white: 'trắng',
  black: 'đen',
  grey: 'xám, bạc',
  red: 'đỏ',
  blue: 'xanh dương',
  green: 'xanh lá',
  yellow: 'vàng',
  brown: 'nâu, màu khác',
};

const directions: Record<Side, string> = { inside: 'đi vào', outside: 'đi ra' };

export const search = {
  search: {
    thing: (label: string): string => things[label] ?? labelsVi(label),
    colours,
    directions,
    coloured: (thing: string, colour: string) => `${thing} màu ${colour}`,
    from: 'Từ lúc',
    to: 'Đến lúc',
    lastHour: '1 giờ qua',
    today: 'Hôm nay',
    what: 'Tìm gì',
    colour: 'Màu xe (ô tô)',
    area: 'Địa bàn',
    addCamera: 'Thêm camera',
    without: (name: string) => `Bỏ ${name}`,
    line: 'Qua vạch',
    direction: 'Chiều',
    box: 'Vẽ khung trên hình',
    boxSet: 'Khung đã vẽ: sửa',
    noBox: 'Bỏ khung',
    drawBox: 'Kéo trên hình để vẽ khung; chỉ tìm người, xe đã vào khung. Hoặc nhập theo phần trăm:',
    pictureOf: 'Hình gần nhất của camera',
    loadingPicture: 'Đang lấy hình…',
    sides: { left: 'Trái %', top: 'Trên %', right: 'Phải %', bottom: 'Dưới %' },
    axis: 'Số lượt thấy theo thời gian',
    part: (from: string, to: string, count: number) => `${from} – ${to}: ${count} lượt`,
    lookedAt: (percent: number) => `máy canh được ${percent}% thời gian`,
    intoPart: 'Bấm vào một cột để xem riêng quãng đó.',
    legend: { seen: 'lượt thấy', notLooked: 'phần lớn thời gian máy không canh' },
    found: (count: number) => (count === 0 ? 'Không thấy lượt nào.' : `${count} lượt`),
    searching: 'Đang tìm…',
    more: 'Xem tiếp',
    noFilm: 'Không có phim lúc này',
    crossed: (line: string, to: Side) => `Qua ${line}: ${directions[to]}`,
    noCameras: 'Không có camera nào được ghi hình trong phạm vi này.',
    notLookedAt: 'Có lúc máy không canh, người và xe lúc đó không có trong kết quả:',
    shareOf: (name: string, percent: number) => `${name} ${percent}%`,
    incomplete: 'Chưa đủ, đông quá mức ghi:',
    droppedOf: (name: string, count: number, when: string) => `${name} thiếu ${count} (${when})`,
    andMore: (count: number) => `và ${count} camera nữa`,
    silent: {
      lost: (worker: string) => `Máy phân tích ${worker} không trả lời, thiếu các lượt mới nhất:`,
      elsewhere: (worker: string) =>
        `Kết quả của máy phân tích ${worker} nằm ở máy khác, không tìm được từ đây:`,
      failing: (worker: string) => `Máy phân tích ${worker} không ghi được vào ổ, thiếu lượt mới:`,
    },
    workersUnknown: 'Chưa hỏi được các máy phân tích, nên chưa biết có thiếu hay không.',
    keptFrom: (name: string, at: string) => `${name}: chỉ còn từ ${at}`,
    idle: (percent: number) =>
      `${percent}% thời gian hình đứng yên: máy chỉ nhìn vài giây một lần, vì không có gì chuyển động.`,
    about:
      'Tìm theo loại, nơi, lúc; không tìm theo khuôn mặt, biển số hay mô tả người. Màu xe do máy đoán, ' +
      'khoảng bốn lượt thì một lượt sai. Mỗi lần tìm đều ghi vào nhật ký xem.',
  },
};
