using AiDc.Trainer.Hosting;

namespace AiDc.Trainer.Tests;

/// <summary>Once for all tests of the process, before the first that computes.</summary>
[SetUpFixture]
internal sealed class TorchSetUp
{
    /// <summary>One thread: the results of a test must not depend on how busy the machine is, and tiny nets gain nothing from more.</summary>
    [OneTimeSetUp]
    public void Configure() => TorchRuntime.Configure(threads: 1);
}
