"""Links to storage services: known by their host, in whatever form people paste them."""

from __future__ import annotations

import pytest

from evaluator.rounds.clouds import services_in


@pytest.mark.parametrize(
    ("words", "services"),
    [
        ("链接：https://pan.baidu.com/s/1AbC?pwd=x1y2 提取码：x1y2", ("baidu",)),
        ("pan.baidu.com/s/1AbC", ("baidu",)),
        ("链接pan.baidu.com/s/1AbC。", ("baidu",)),
        ('<a href="https://mail.qq.com/cgi-bin/ftnExs_download?k=1">超大附件</a>', ("qq_large",)),
        ("https://wx.mail.qq.com/ftn/download?func=3", ("qq_large",)),
        ("http://dashi.163.com/html/cloud-attachment-download/?key=1", ("netease_large",)),
        ("https://mail.163.com/large-attachment-download/index.html?p=X", ("netease_large",)),
        ("https://www.kdocs.cn/l/abc https://docs.qq.com/sheet/x", ("kdocs", "tencent_docs")),
        ("https://share.weiyun.com/abc", ("weiyun",)),
        ("https://www.alipan.com/s/abc", ("alipan",)),
        ("https://contoso-my.sharepoint.com/:x:/g/personal/a", ("onedrive",)),
        ("https://1drv.ms/x/s!abc", ("onedrive",)),
        ("https://drive.google.com/file/d/1", ("google_drive",)),
        ("https://we.tl/t-abc", ("wetransfer",)),
        ("HTTPS://WWW.DROPBOX.COM/scl/fi/abc", ("dropbox",)),
        ("https://mail.qq.com/ 我们的邮箱", ()),
        ("https://notpan.baidu.com.evil.cn/s/1", ()),
        ("mypan.baidu.company", ()),
        ("请写信到 a@weiyun.com", ()),
        ("https://www.163.com/news", ()),
    ],
)
def test_links_are_known_by_host_and_path(words: str, services: tuple[str, ...]) -> None:
    assert services_in(words) == services
