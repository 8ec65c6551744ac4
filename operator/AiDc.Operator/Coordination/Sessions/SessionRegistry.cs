using System.Collections.Concurrent;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>The streams that are open: one a pod. A newer one ends the older, which may be half-open without anybody knowing.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<string, Session> sessions = new(StringComparer.Ordinal);

    public int Count => sessions.Count;

    /// <summary>Enters a stream; dispose what is returned when it ends.</summary>
    public Session Enter(string podUid, params CancellationToken[] ends)
    {
        var session = new Session(this, podUid, ends);
        sessions.AddOrUpdate(podUid, session, (_, older) =>
        {
            older.Replace();
            return session;
        });
        return session;
    }

    /// <summary>Ends all streams, so that workers look for the leader.</summary>
    public void EndAll()
    {
        foreach (var session in sessions.Values)
            session.End();
    }

    internal sealed class Session : IDisposable
    {
        private readonly SessionRegistry owner;
        private readonly string podUid;
        private readonly CancellationTokenSource replaced = new();
        private readonly CancellationTokenSource ended;

        public Session(SessionRegistry owner, string podUid, CancellationToken[] ends)
        {
            this.owner = owner;
            this.podUid = podUid;
            ended = CancellationTokenSource.CreateLinkedTokenSource([.. ends, replaced.Token]);
            Ended = ended.Token;
        }

        /// <summary>Fires when the stream is to end, for whatever reason.</summary>
        public CancellationToken Ended { get; }

        public bool Replaced { get; private set; }

        public void Replace()
        {
            Replaced = true;
            End();
        }

        /// <summary>Not at once: callbacks would run inside of the registry's update.</summary>
        public void End() => _ = replaced.CancelAsync();

        public void Dispose()
        {
            owner.sessions.TryRemove(new KeyValuePair<string, Session>(podUid, this));
            ended.Dispose();
        }
    }
}
