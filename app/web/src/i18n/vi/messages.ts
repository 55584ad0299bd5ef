/** Words of messages of citizens (tin nhắn của người dân), in Vietnamese. */

export const messages = {
  messages: {
    title: (count: number) => `Tin nhắn của người dân (${count})`,
    keys: 'Ở nút của tin: phím 1…0 ghi thành cuộc gọi theo loại việc, G ghép vào vụ việc gần nhất, B bỏ qua, X tin giả.',
    failed: 'Chưa tải được tin nhắn của người dân; đang thử lại.',
    noText: '(không có lời)',
    picture: (channel: string) => `Hình gửi qua ${channel}`,
    marked: 'người gửi từng báo giả',
    sameSender: (count: number) => `cùng người gửi ${count} tin khác`,
    misplaced: 'vị trí gửi kèm không dùng được',
    alike: (count: number) => `${count} tin có thể cùng một việc`,
    notShown: (count: number) => `và ${count} tin nữa`,
    together: (count: number) => `trả lời cả ${count} tin một lần`,
    take: 'Ghi thành cuộc gọi',
    taken: (number: string, answered: number) => `Đã ghi ${number} từ ${answered} tin nhắn`,
    join: (number: string, m: number) => `Ghép vào ${number} (${Math.round(m)} m)`,
    setAside: 'Bỏ qua',
    hoax: 'Tin giả',
  },
};
