"""Writes fixtures/ingest/portal-*.html: one invented plan on pages shaped like those of five legal portals.

    python3 corpus/tools/portals.py fixtures/ingest
"""

import pathlib
import sys

PARAGRAPHS = [
    "Căn cứ Kế hoạch số 88/KH-UBND ngày 05 tháng 3 năm 2025 của Ủy ban nhân dân tỉnh Lam Sơn về cải cách hành chính;",
    "Ủy ban nhân dân xã Tân Hưng xây dựng kế hoạch thực hiện như sau:",
    "1. Rà soát thủ tục hành chính thuộc thẩm quyền giải quyết của xã, hoàn thành trước ngày 30/9/2025.",
    "2. Công khai kết quả giải quyết hồ sơ trên cổng thông tin điện tử của xã.",
]
HEAD = (
    "<table><tr><td><p><b>ỦY BAN NHÂN DÂN<br>XÃ TÂN HƯNG</b></p><p>Số: 37/KH-UBND</p></td>"
    "<td><p><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b></p>"
    "<p><i>Tân Hưng, ngày 14 tháng 8 năm 2025</i></p></td></tr></table>"
)
TASKS = (
    "<table border=1><tr><th rowspan=2>STT</th><th rowspan=2>Nội dung</th><th colspan=2>Đơn vị</th></tr>"
    "<tr><th>Chủ trì</th><th>Phối hợp</th></tr>"
    "<tr><td>1</td><td>Rà soát thủ tục</td><td>Văn phòng</td><td>Công an xã</td></tr>"
    "<tr><td>2</td><td>Công khai kết quả</td><td>Tổ một cửa</td><td></td></tr></table>"
)
BODY = HEAD + "<p>KẾ HOẠCH<br>Cải cách hành chính năm 2025</p>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + TASKS
RELATED = "".join(f"<li><a href='#'>Văn bản liên quan thứ {n} của cổng thông tin, xem thêm chi tiết</a></li>" for n in range(30))
MENU = "<div class='menu'><a>Trang chủ</a> <a>Văn bản mới</a> <a>Đăng nhập</a></div>"

PAGES = {
    "vbpl": f"<div id='wrapper'>{MENU}<div class='box-tab'>Toàn văn | Thuộc tính</div>"
    f"<div class='fulltext'><div class='vbInfo'>Hiệu lực: Còn hiệu lực</div><div class='toanvancontent' id='toanvancontent'>{BODY}</div>"
    f"</div><ul class='related'>{RELATED}</ul></div>",
    "thuvienphapluat": f"<form id='aspnetForm'>{MENU}<div id='divThuocTinh'>Số hiệu: 37/KH-UBND</div>"
    f"<div class='content1' id='divContentDoc'><div class='cldivContentDocVn'>{BODY}</div></div>"
    f"<div id='divVanBanLienQuan'><ul>{RELATED}</ul></div></form>",
    "luatvietnam": f"{MENU}<div class='docitem-1'>Tải về</div><div class='the-document-body noidungtracuu'>{BODY}</div><ul>{RELATED}</ul>",
    "congbao": f"{MENU}<div class='wrapper-content'><div class='col-left'><ul>{RELATED[:900]}</ul></div>"
    f"<div class='detail'><div class='doc-text'>{BODY}{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</div></div></div>",
    "unknown": f"<div>{MENU}<div class='main'><article>{BODY}{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</article>"
    f"<div>Tin nổi bật</div></div><div class='foot'>Bản quyền thuộc về cổng</div></div>",
}

folder = pathlib.Path(sys.argv[1])
for name, page in PAGES.items():
    text = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>Kế hoạch</title></head><body>{page}</body></html>\n"
    (folder / f"portal-{name}.html").write_text(text, encoding="utf-8")
