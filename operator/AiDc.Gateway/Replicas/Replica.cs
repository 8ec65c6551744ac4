namespace AiDc.Gateway.Replicas;

/// <summary>
/// A replica and what this gateway knows of it. All but the transport is guarded by the lock of the dispatcher that
/// holds it.
/// </summary>
internal sealed class Replica(ReplicaAddress address, ReplicaTransport transport)
{
    public ReplicaAddress Address { get; set; } = address;

    public ReplicaTransport Transport { get; } = transport;

    public ReplicaHealth Health { get; set; } = ReplicaHealth.Unknown;

    public HashSet<IInFlight> InFlight { get; } = [];

    /// <summary>Index of its revision among the service's weights; -1: not listed.</summary>
    public int Revision { get; set; } = -1;

    /// <summary>Its queue was full: until this timestamp of the clock it counts as being at its limit.</summary>
    public long FullUntil { get; set; }

    /// <summary>How its last requests ended.</summary>
    public Outcomes Outcomes { get; set; }

    /// <summary>It failed requests: until this timestamp of the clock others are preferred.</summary>
    public long EjectedUntil { get; set; }

    /// <summary>How often that was, without a time in between in which it did well.</summary>
    public int Ejections { get; set; }

    /// <summary>Asks the prober to look at it now.</summary>
    public Action Probe { get; set; } = static () => { };

    /// <summary>May it get requests? Where nothing of its own says that it is ready, Kubernetes has to.</summary>
    public bool IsUsable => Health.IsIn && !Address.Leaving && (Address.ProbePath is not null || Address.Ready);
}

/// <summary>A request that was sent to a replica and is not answered.</summary>
internal interface IInFlight
{
    /// <summary>Nothing is heard of the replica: the request should go elsewhere, if it may.</summary>
    void Abandon();

    /// <summary>The replica is gone for good: waiting for it is in vain, whether or not the request may go elsewhere.</summary>
    void Break();
}
