/** Words of a row: an incident with its sources, its units and what is still open of it, in Vietnamese. */

export const row = {
  row: {
    sections: { unanswered: 'Chưa nhận', working: 'Đang làm', review: 'Cần xem' },
    holder: (name: string) => `giữ: ${name}`,
    sources: 'Nguồn tin',
    calls: (count: number) => `${count} cuộc gọi, tin báo`,
    unclear: 'chưa rõ',
    real: 'thật',
    wrong: 'giả',
    over: 'xong',
    keys: 'số: xem nguồn · C thật · R giả · U tách',
    suggested: (what: string) => `Có thể cùng vụ: ${what}`,
    units: 'Đơn vị',
    noUnits: 'Chưa điều đơn vị nào',
    waits: 'chưa trả lời',
    todo: 'Việc trước khi xe tới',
    after: 'Kết quả, thiệt hại',
    more: 'Quanh đây, diễn biến',
    noIncident: 'Cảnh báo này chưa thành vụ việc: xác nhận là thật trước.',
    oneSource: 'Vụ này chỉ có một nguồn tin: không có gì để tách.',
    judgeFirst: 'Còn nguồn tin chưa kết luận: xem từng nguồn, bấm C hoặc R.',
    open: 'Còn mở',
    stillUnclear: (names: string) => `Chưa kết luận: ${names}`,
    stillOut: (names: string) => `Còn ở ngoài: ${names}`,
    stillBlind: (names: string) => `Camera đang mất hình: ${names}`,
  },
};
