namespace AiDc.Operator.Tests.Coordination;

/// <summary>Waits for a state of the world, with a deadline far beyond what it takes.</summary>
internal static class Until
{
    public static async Task True(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            if (deadline.IsCancellationRequested)
                Assert.Fail($"still not after 30 s: {what}");
            await Task.Delay(10);
        }
    }
}
