/** What a fire panel says by its SIA codes, and where: in the words of a Vietnamese fire panel. */

const CODES: Readonly<Record<string, string>> = {
  FA: 'báo cháy',
  FM: 'báo cháy, vùng bên cạnh cũng báo',
  FG: 'báo cháy, chưa được vùng khác xác nhận',
  KA: 'báo nhiệt cao',
  SA: 'đầu phun nước chữa cháy hoạt động',
  FH: 'hết báo cháy',
  FR: 'báo cháy trở lại bình thường',
  KH: 'hết báo nhiệt',
  KR: 'báo nhiệt trở lại bình thường',
  SH: 'hết báo phun nước',
  SR: 'phun nước trở lại bình thường',
  FB: 'vùng báo cháy bị tắt',
  KB: 'vùng báo nhiệt bị tắt',
  SB: 'vùng chữa cháy bị tắt',
  FU: 'vùng báo cháy được bật lại',
  KU: 'vùng báo nhiệt được bật lại',
  SU: 'vùng chữa cháy được bật lại',
  FS: 'giám sát: thiết bị báo cháy không sẵn sàng',
  KS: 'giám sát: đầu báo nhiệt không sẵn sàng',
  SS: 'giám sát: van hoặc bơm chữa cháy không sẵn sàng',
  FZ: 'giám sát: mất một đầu báo',
  FV: 'giám sát trở lại bình thường',
  SQ: 'giám sát chữa cháy trở lại bình thường',
  FT: 'hỏng vùng báo cháy',
  FW: 'hỏng mạch giám sát',
  FY: 'mất liên lạc với đầu báo cháy',
  KT: 'hỏng vùng báo nhiệt',
  ST: 'hỏng vùng chữa cháy',
  UT: 'hỏng một vùng',
  FJ: 'vùng báo cháy hết hỏng',
  FQ: 'mạch giám sát hết hỏng',
  KJ: 'vùng báo nhiệt hết hỏng',
  SJ: 'vùng chữa cháy hết hỏng',
  UJ: 'vùng hết hỏng',
  AT: 'mất điện lưới',
  AR: 'có điện lưới trở lại',
  YT: 'ắc quy yếu',
  YR: 'ắc quy tốt trở lại',
  YP: 'hỏng bộ nguồn',
  YQ: 'bộ nguồn tốt trở lại',
  YC: 'không liên lạc được với trung tâm',
  YS: 'đường truyền trục trặc',
  YK: 'liên lạc được trở lại',
  ET: 'hỏng mô-đun mở rộng',
  ER: 'mô-đun mở rộng tốt trở lại',
  LT: 'mất đường dây điện thoại',
  LR: 'có đường dây điện thoại trở lại',
  TA: 'vỏ tủ hoặc đầu báo bị mở',
  TR: 'vỏ đã đóng lại',
};

/** The code's meaning, and the panel's own text where it has one. */
export function sia(code = '', text = ''): string {
  const meaning = CODES[code] ?? 'tín hiệu khác của tủ';
  return `${meaning} (mã ${code})${text ? `, tủ ghi “${text}”` : ''}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  zone: 'vùng',
  area: 'khu',
  module: 'mô-đun',
  line: 'đường dây',
};

/** `zone 8 of area 1`, also in a list: `vùng 8 khu 1`. What is not so written stays. */
export function panelPlaces(places: string): string {
  return places.replace(/\b(?:zone|area|module|line) \d+(?: of (?:area|module) \d+)*/g, (place) =>
    place.replace(/ of /g, ' ').replace(/[a-z]+/g, (noun) => NOUNS[noun] ?? noun),
  );
}

/** A time that a device gave, too far from ours to be believed. */
export function misdated(seconds = '', direction = ''): string {
  const s = Number(seconds);
  const size =
    s >= 172_800
      ? `${Math.round(s / 86_400)} ngày`
      : s >= 7200
        ? `${Math.round(s / 3600)} giờ`
        : s >= 120
          ? `${Math.round(s / 60)} phút`
          : `${s} giây`;
  return `giờ do thiết bị ghi ${direction === 'ahead' ? 'nhanh' : 'chậm'} ${size}, tính theo lúc nhận`;
}
