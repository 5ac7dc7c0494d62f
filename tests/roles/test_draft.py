from tests.roles.test_roles import *
from tests.roles.test_roles import _ask
async def test_draft(world):
    import json
    out=[]
    for route in sorted(ROUTES, key=lambda r:(r.split(' ')[1], r)):
        said={who: await _ask(world, who, route) for who in PEOPLE}
        out.append("\t".join([route,*[s.kind for s in said.values()]]))
        det=[f"{w}:{s.answer.status_code}" + ("" if s.done else " "+s.answer.text[:230]) for w,s in said.items()]
        best=[s for s in said.values() if s.done]
        flag = "" if best else "  !!!!"
        print(route, [s.answer.status_code for s in said.values()], flag)
        if not best or any(s.answer.status_code in (422,500) for s in said.values()):
            for d in det: print("      ", d)
    open('/tmp/roles_draft.tsv','w').write("\n".join(out))
