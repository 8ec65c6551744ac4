using AiDc.Coordination.V1;
using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>
/// One job's workers. Its lock also orders what is sent: a membership is queued to a stream before the start that belongs to it, whichever
/// threads they come from.
/// </summary>
internal sealed class GangEntry(JobKey job, GangClock clock, GangMetrics metrics, Action<JobKey> changed)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, GangPeer> peers = new(StringComparer.Ordinal);
    private readonly GangFormation formation = new(metrics);
    private TimeSpan? lastAdvance;

    public JobKey Job { get; } = job;

    public int Connected { get; private set; }

    public GangLink Join(WorkerIdentity worker, MemberState hello, Action<CoordinatorMessage> send)
    {
        var link = new GangLink(this, worker, send);
        lock (gate)
        {
            if (!peers.TryGetValue(worker.PodUid, out var peer))
                peers[worker.PodUid] = peer = new GangPeer(worker);
            if (peer.Link is null)
                Connected++;
            (peer.Link, peer.ClosedAt, peer.Quiet, peer.LastHeard) = (link, null, false, clock.Now);
            peer.Update(GangMessages.Read(hello), clock.Now);
            formation.Welcome(peer, clock.Transitions);
        }
        changed(Job);
        return link;
    }

    public void Heard(GangLink link, MemberState? member)
    {
        var news = GangNews.None;
        lock (gate)
        {
            if (PeerOf(link) is not { } peer)
                return;
            (peer.LastHeard, peer.Quiet) = (clock.Now, false);
            if (member is null)
                return;
            news = peer.Update(GangMessages.Read(member), clock.Now);
            if (news.HasFlag(GangNews.Advanced))
            {
                lastAdvance = clock.Now;
                if (formation.Advanced(peer, clock.Now))
                    news |= GangNews.Changed;
            }
        }
        if (news.HasFlag(GangNews.Changed))
            changed(Job);
    }

    public void Ready(GangLink link, Ready ready) => Change(link, peer =>
    {
        peer.Ready = GangMessages.Read(ready);
        formation.Ready(peer, peers, clock.Now, clock.Transitions);
    });

    public void Broken(GangLink link, GroupBroken broken) => Change(link, peer =>
    {
        var read = GangMessages.Read(broken, clock.Now);
        // Told again after a reconnection: it broke when it was first heard of.
        if (peer.Broken is not { } known || known.Generation != read.Generation || read.ClosedRanks.Count > known.ClosedRanks.Count)
            peer.Broken = read with { At = peer.Broken?.Generation == read.Generation ? peer.Broken.At : read.At };
    });

    public void Leaving(GangLink link) => Change(link, peer => peer.Leaving = true);

    public void Close(GangLink link) => Change(link, peer =>
    {
        (peer.Link, peer.ClosedAt) = (null, clock.Now);
        Connected--;
    });

    public void Announce(MembershipDecision decision)
    {
        lock (gate)
            formation.Announce(decision, peers, clock.Now, clock.Transitions);
    }

    public GangSessions Snapshot()
    {
        lock (gate)
            return new()
            {
                Now = clock.Now,
                LeaderSince = clock.LeaderSince,
                ForgivenAt = clock.ForgivenAt,
                LastAdvance = lastAdvance,
                Announced = formation.Announced is { } announced ? (announced.Generation, formation.AnnouncedAt) : null,
                HoldWriter = formation.HoldWriter,
                Members = [.. peers.Values.Select(p => p.Snapshot())],
            };
    }

    /// <summary>Notices silence, once; lets go of pods that are long gone.</summary>
    public void Tick(TimeSpan keep)
    {
        var quiet = false;
        lock (gate)
        {
            var now = clock.Now;
            List<string>? gone = null;
            foreach (var (uid, peer) in peers)
            {
                if (peer.Link is null && now - peer.ClosedAt > keep)
                    (gone ??= []).Add(uid);
                if (peer.Link is null || peer.Quiet || now - peer.LastHeard <= MembershipTimes.Quiet)
                    continue;
                peer.Quiet = quiet = true;
            }
            gone?.ForEach(uid => peers.Remove(uid));
        }
        if (quiet)
            changed(Job);
    }

    private void Change(GangLink link, Action<GangPeer> change)
    {
        lock (gate)
        {
            if (PeerOf(link) is not { } peer)
                return;
            (peer.LastHeard, peer.Quiet) = (clock.Now, false);
            change(peer);
        }
        changed(Job);
    }

    /// <summary>Null where a newer stream has taken the link's place.</summary>
    private GangPeer? PeerOf(GangLink link) => peers.TryGetValue(link.Worker.PodUid, out var peer) && peer.Link == link ? peer : null;
}
