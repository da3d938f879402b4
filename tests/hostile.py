"""Labels that do harm where a text becomes markup, and the networks that carry them."""

import networkx as nx

LABELS = (
    "<script>pwned(1)</script>",
    "</script><script>pwned(2)</script>",
    "<!--<script>pwned(3)</script>",
    "<img src=x onerror=pwned(4)>",
    "<svg onload=pwned(5)>",
    "<svg><script>pwned(6)</script></svg>",
    "<details open ontoggle=pwned(7)><summary>x</summary></details>",
    "<iframe srcdoc='<script>parent.pwned(8)</script>'></iframe>",
    "<iframe src=javascript:parent.pwned(9)></iframe>",
    '" onmouseover="pwned(10)" x="',
    "' onmouseover='pwned(11)' x='",
    '"><img src=x onerror=pwned(12)><b title="',
    "'><img src=x onerror=pwned(13)><b title='",
    '" autofocus onfocus="pwned(14)" tabindex="0',
    "</text><foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><img src=x onerror=pwned(15)></body>",
    "</title><script>pwned(16)</script>",
    "</style><script>pwned(17)</script>",
    "</desc></svg><img src=x onerror=pwned(18)>",
    "]]><script>pwned(19)</script>",
    "<![CDATA[<script>pwned(20)</script>]]>",
    "--><script>pwned(21)</script><!--",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "javascript:pwned(22)",
    "data:text/html,<script>pwned(23)</script>",
    "<a href='javascript:pwned(24)'>x</a>",
    "<animate onbegin=pwned(25) attributeName=x dur=1s>",
    "<style>@import url(http://127.0.0.1:9/evil.css)</style>",
    "<link rel=stylesheet href=http://127.0.0.1:9/evil.css>",
    "<img src=http://127.0.0.1:9/evil.png>",
    "<use href='http://127.0.0.1:9/evil.svg#x'/>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "red;background:url(http://127.0.0.1:9/evil.png)",
    "expression(pwned(26))",
    "&lt;script&gt;pwned(27)&lt;/script&gt;",
    "&#60;script&#62;pwned(28)&#60;/script&#62;",
    "\x00\x1b[31m\x07<b>\x7f\x9b",
    "\ufffe\uffff\ud800 lone \udfff",
    "\u2028\u2029\u0085line ends",
    "a\r\nb\rc\td",
    "\u202emirrored\u2066",
    "__proto__",
    "constructor",
    "{{7*7}} ${7*7} %s %n {0.__class__}",
    "$\\frac{",
    "\\N\\G\\E\\T \\\" \\",
    "\\input{/etc/passwd} ^^5cinput %",
    "#quot;];click n0 call pwned()",
    "x" * 100_000,
    "Z" + "\u0315" * 300,
    "数\U0001f9e0é",
    " ",
    "",
)  # fmt: skip


def network_of(labels=LABELS):
    """A network with these keys, and with functions and kinds of the same texts where that can be."""
    net = nx.DiGraph()
    net.add_node("in", kind="input")
    for label in labels:
        net.add_node(label, kind="hidden", activation=label)
        net.add_edge("in", label, weight=0.5)
    net.add_node("out", kind="output", activation="tanh")
    net.add_edges_from(((label, "out") for label in labels), weight=-0.5)
    net.add_edge("out", "in", weight=label)
    return net
