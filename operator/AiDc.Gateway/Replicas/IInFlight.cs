namespace AiDc.Gateway.Replicas;

/// <summary>A request that was sent to a replica and is not answered.</summary>
internal interface IInFlight
{
    /// <summary>Nothing is heard of the replica: the request should go elsewhere, if it may.</summary>
    void Abandon();

    /// <summary>The replica is gone for good: waiting for it is in vain, whether or not the request may go elsewhere.</summary>
    void Break();
}
