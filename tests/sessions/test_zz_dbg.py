import random, pytest
from tests.sessions.test_every_act import World, SENT
pytestmark = pytest.mark.django_db
@pytest.mark.parametrize("seed",[1,2,3,5,7])
def test_x(seed):
    import time
    t=time.process_time()
    w=World(random.Random(seed))
    for n in range(40):
        kinds=[k for k in SENT if k!="session.end"]; w.chance.shuffle(kinds)
        for k in [*kinds,"session.end"]: w.step(k)
        never=set(SENT)-w.done.keys()-{"media.backup"}
        if n>4: print(seed,n,round(time.process_time()-t,1),sorted(never))
        if not never: break
    assert 0
