import { describe, expect, it } from 'vitest';

import { en } from '../i18n/en';
import { vi } from '../i18n/vi';
import { readChain } from './machine-reason';

describe('the machine’s reasons', () => {
  it.each([
    [
      '2 cameras are not recorded, no disk at /mnt/film, known by /data/spool/recordings-12ab34cd.store-id',
      '2 camera đang không được ghi hình: ổ ghi hình chưa được gắn vào /mnt/film; kỹ thuật gắn lại ổ, nếu đã thay ổ mới thì xóa tệp /data/spool/recordings-12ab34cd.store-id',
      '2 cameras are not being recorded: the recording disk is not mounted at /mnt/film; mount it or, if it was replaced on purpose, remove the file /data/spool/recordings-12ab34cd.store-id',
    ],
    ['less than 2.0 GB free', 'đĩa còn trống dưới 2,0 GB', 'less than 2.0 GB free on the disk'],
    ['less than 50 MB free', 'đĩa còn trống dưới 50 MB', 'less than 50 MB free on the disk'],
    ['the disk is full', 'đĩa đã đầy, không còn chỗ trống', 'the disk is full'],
    [
      '3 of 5 looks · inner change 15 · warmth 75',
      '3/5 lần có dấu hiệu · biến động 15 · màu lửa 75',
      'seen in 3 of 5 looks · change 15 · flame colour 75',
    ],
    [
      'faint: 8 of 10 looks · inner change 15',
      'mờ nhưng 8/10 lần có dấu hiệu · biến động 15',
      'faint, but seen in 8 of 10 looks · change 15',
    ],
    [
      '3 of 5 looks · fog: 6 looks · unchecked: no answer',
      '3/5 lần có dấu hiệu · có sương mù, thấy 6 lần · chưa qua kiểm tra lần hai',
      'seen in 3 of 5 looks · in fog, seen in 6 looks · not checked twice',
    ],
    [
      '12 here, 10 allowed · for 5 s',
      '12 đối tượng, cho phép 10 · trong 5 giây',
      '12 here, 10 allowed · for 5 s',
    ],
    [
      'here for 125 s, 120 s allowed',
      'ở lại 125 giây, cho phép 120 giây',
      'stayed 125 s, 120 s allowed',
    ],
    [
      'stopped for 61 s, 60 s allowed',
      'dừng 61 giây, cho phép 60 giây',
      'stopped 61 s, 60 s allowed',
    ],
    [
      'left over the line · 2 out, 1 in',
      'đi ra qua vạch · ra 2, vào 1',
      'left over the line · 2 out, 1 in',
    ],
    [
      '5 of 6 looks · doubted: no motion of its own (1.0), a picture without edges (3.1)',
      '5/6 lần có dấu hiệu · máy chưa chắc',
      'seen in 5 of 6 looks · the machine doubts it',
    ],
    [
      '3 of 5 looks · inner change 15 · believed: witness 93%',
      '3/5 lần có dấu hiệu, biến động 15, máy kiểm tra lần hai tin 93 % là cháy.',
      'Seen in 3 of 5 looks, change 15, the second check believes it by 93%.',
    ],
    [
      'faint: 8 of 10 looks · doubted: witness 31%, usual here',
      'Mờ nhưng 8/10 lần có dấu hiệu, máy kiểm tra lần hai chỉ tin 31 % là cháy, chỗ này thường có cảnh báo như vậy.',
      'Faint, but seen in 8 of 10 looks, the second check believes it only by 31%, such alerts are usual here.',
    ],
    [
      'still seen · wide haze on 12 cameras',
      'vẫn thấy · sương mù hoặc khói trên 12 camera',
      'still seen · fog or smoke on 12 cameras',
    ],
    [
      'wide haze on 3 cameras: Cầu Giấy, Láng, Bưởi',
      'sương mù hoặc khói trên 3 camera: Cầu Giấy, Láng, Bưởi',
      'fog or smoke on 3 cameras: Cầu Giấy, Láng, Bưởi',
    ],
    [
      '5 of 6 looks · agrees: cam-7',
      '5/6 lần có dấu hiệu · camera cam-7 cũng thấy',
      'seen in 5 of 6 looks · camera cam-7 sees it too',
    ],
    [
      'device agrees: Tủ báo cháy chợ · 5 of 6 looks',
      'Tủ báo cháy chợ cũng báo · 5/6 lần có dấu hiệu',
      'Tủ báo cháy chợ tells of it too · seen in 5 of 6 looks',
    ],
    [
      'device signal: Vòng 3 · value 71.5 · 12 more folded · seen by none of 2 cameras at 14:05',
      'tín hiệu của thiết bị báo động: Vòng 3 · trị số 71,5 · thêm 12 tín hiệu như vậy · 2 camera không thấy gì, lúc 14:05',
      'signal of an alarm device: Vòng 3 · value 71.5 · 12 more signals like it · 2 cameras saw nothing, at 14:05',
    ],
    [
      'the feed EVN Hà Nội is not read: no connection: Connection refused',
      'không đọc được nguồn cảnh báo EVN Hà Nội',
      'the feed of warnings EVN Hà Nội is not read',
    ],
    [
      '3 messages of the feed EVN Hà Nội cannot be read: this is not XML',
      '3 tin của nguồn cảnh báo EVN Hà Nội không đọc được',
      '3 messages of the feed of warnings EVN Hà Nội are not read',
    ],
    [
      'device signal: tầng 5 · also tầng 1, tầng 2',
      'tín hiệu của thiết bị báo động: tầng 5 · còn báo: tầng 1, tầng 2',
      'signal of an alarm device: tầng 5 · also: tầng 1, tầng 2',
    ],
    [
      'device signal: zone 8 of area 1 · value SIA FA: Kitchen · dated 2592000 s back · also zone 9 of area 1, tầng 2',
      'tín hiệu của thiết bị báo động: vùng 8 khu 1 · báo cháy (mã FA), tủ ghi “Kitchen” · giờ do thiết bị ghi chậm 30 ngày, tính theo lúc nhận · còn báo: vùng 9 khu 1, tầng 2',
      "signal of an alarm device: zone 8 of area 1 · fire alarm (code FA), panel text “Kitchen” · the device's time is 30 days behind, ours counts · also: zone 9 of area 1, tầng 2",
    ],
    [
      'device signal: line 2 · value SIA LT · dated 34560000 s ahead',
      'tín hiệu của thiết bị báo động: đường dây 2 · mất đường dây điện thoại (mã LT) · giờ do thiết bị ghi nhanh 400 ngày, tính theo lúc nhận',
      "signal of an alarm device: line 2 · phone line lost (code LT) · the device's time is 400 days ahead, ours counts",
    ],
    ['device signal', 'tín hiệu của thiết bị báo động', 'signal of an alarm device'],
    [
      'corroborated by call 113-0042 · 2 of 5 looks',
      'khớp với cuộc gọi 113-0042 · 2/5 lần có dấu hiệu',
      'corroborated by call 113-0042 · seen in 2 of 5 looks',
    ],
    ['3 flashes in 10 s', '3 tia chớp sáng trong 10 giây', '3 flashes in 10 s'],
    ['flash, then fire', 'chớp sáng rồi có lửa', 'flash, then flame'],
    ['still seen', 'vẫn thấy', 'still seen'],
    ['surer: 0.87', 'chắc hơn: 0,87', 'surer: 0.87'],
    ['unreachable: rtsp://10.0.0.1/x timed out', 'không tới được địa chỉ', 'address unreachable'],
    ['fire too · quux 3', 'có cả lửa · lý do khác', 'fire too · another reason'],
    [
      'only a restart of all applies: site, queue',
      'cấu hình mới chỉ áp dụng khi khởi động lại toàn bộ: site, queue',
      'only a restart of everything applies: site, queue',
    ],
    [
      '2 problems in the configuration: a.toml cameras[1], a.toml rules[0]',
      'cấu hình có 2 lỗi, phần đó không chạy: a.toml cameras[1], a.toml rules[0]',
      '2 problems in the configuration, set aside: a.toml cameras[1], a.toml rules[0]',
    ],
    [
      'the last good configuration is in force, not applied: a.toml',
      'chạy theo cấu hình đúng gần nhất; không áp dụng vì lỗi: a.toml',
      'runs by the last good configuration; not applied: a.toml',
    ],
    [
      'its walls and tokens end in 6 days unless it logs in',
      'màn hình lớn, mã truy cập do tài khoản này cấp hết hiệu lực sau 6 ngày nếu không đăng nhập lại',
      'walls and tokens that this account let in end in 6 days unless it logs in',
    ],
    ['quux', 'lý do khác', 'another reason'],
    ['', '', ''],
  ])('%s', (chain, vietnamese, english) => {
    expect(vi.reasonChain(chain)).toBe(vietnamese);
    expect(en.reasonChain(chain)).toBe(english);
  });

  it('reads names and values', () => {
    expect(readChain('12 of 20 cameras: look at the network')).toEqual([
      { name: 'network', values: ['12', '20'] },
    ]);
  });
});

describe('the action log', () => {
  it.each(['opened', 'spoke', 'evidence', 'updated', 'cleared', 'lease_expired', 'never_heard_of'])(
    '%s is never shown raw',
    (action) => {
      for (const words of [vi, en]) {
        expect(words.logActions(action)).not.toBe(action);
        expect(words.logActions(action)).not.toMatch(/_/);
        expect(words.logActions(action).length).toBeGreaterThan(2);
      }
    },
  );

  it.each([
    'first',
    'area_doubled',
    'quiet_place',
    'agreed_after_rejection',
    'evidence',
    'taken',
    'cosigned',
    'never_heard_of',
  ])('reason %s is never shown raw', (reason) => {
    for (const words of [vi, en]) expect(words.logReason(reason)).not.toMatch(/_|evidence|^first$/);
  });

  it('has a neutral word for a kind and a label it does not know', () => {
    expect(vi.kindTitle('quux', 'new')).toBe('Cảnh báo khác');
    expect(en.kindTitle('quux', 'new')).toBe('Another alert');
    expect(vi.labels('quux')).toBe('vật thể');
  });
});
