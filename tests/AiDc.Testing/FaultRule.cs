using Microsoft.AspNetCore.Http;

namespace AiDc.Testing;

/// <summary>Which requests a fault meets, and how many of them.</summary>
internal sealed class FaultRule(Func<HttpRequest, bool> matches, Fault fault, int times)
{
    private int left = times;

    public Fault? Take(HttpRequest request) => matches(request) && Interlocked.Decrement(ref left) >= 0 ? fault : null;
}
