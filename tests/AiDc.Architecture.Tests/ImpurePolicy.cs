namespace AiDc.Architecture.Tests;

/// <summary>Does all that a policy must not do, some of it where it is easy to miss: the specimen that the check has to find.</summary>
internal sealed class ImpurePolicy(TimeProvider time)
{
    public Func<DateTimeOffset> Clock { get; } = () => DateTimeOffset.UtcNow;

    public static async Task<string> ReadAsync(string path) => await File.ReadAllTextAsync(path);

    public DateTimeOffset Now() => time.GetUtcNow();
}
