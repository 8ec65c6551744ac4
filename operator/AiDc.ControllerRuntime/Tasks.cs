namespace AiDc.ControllerRuntime;

/// <summary>Tasks that belong together.</summary>
internal static class Tasks
{
    /// <summary>Ends when all have ended, or fails as soon as one of them fails: <c>Task.WhenAll</c> says nothing as long as one still runs.</summary>
    public static async Task FirstFailureAsync(this IEnumerable<Task> tasks)
    {
        await foreach (var task in Task.WhenEach(tasks)) await task;
    }
}
