namespace AiDc.Gateway.Bodies;

/// <summary>The bytes of requests' bodies that this process keeps at once, of all requests together. Who gets none keeps nothing, and streams.</summary>
internal sealed class BodyBudget(long limit)
{
    private long used;

    public long Used => Interlocked.Read(ref used);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= limit) return true;
        Interlocked.Add(ref used, -bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref used, -bytes);
}
