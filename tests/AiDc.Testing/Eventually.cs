using System.Runtime.CompilerServices;

namespace AiDc.Testing;

/// <summary>Waits for the world to become as it should, instead of sleeping and hoping.</summary>
public static class Eventually
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns once the condition holds; throws when it does not before the deadline (20 s unless said).</summary>
    public static Task Assert(
        Func<bool> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Assert(() => Task.FromResult(condition()), deadline, what);

    public static async Task Assert(
        Func<Task<bool>> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var limit = deadline ?? TimeSpan.FromSeconds(20);
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit) throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {what}");
            await Task.Delay(Between, TimeProvider.System);
        }
    }
}
