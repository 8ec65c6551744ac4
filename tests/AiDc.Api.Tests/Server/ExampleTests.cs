namespace AiDc.Api.Tests.Server;

[TestFixture, Category("Integration")]
internal sealed class ExampleTests
{
    [TestCaseSource(typeof(Repository), nameof(Repository.Examples))]
    public async Task An_example_is_applied_strictly(string path)
    {
        var ns = await ApiServer.NewNamespaceAsync();

        var (exit, output) = await ApiServer.KubectlAsync("apply", "--validate=true", "-n", ns, "-f", Path.Combine(Repository.Root, path));

        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain(" created").And.Not.Contain("Warning: unknown"));
    }

    [TestCaseSource(typeof(Repository), nameof(Repository.Examples))]
    public async Task An_example_applied_again_changes_nothing(string path)
    {
        var ns = await ApiServer.NewNamespaceAsync();
        var file = Path.Combine(Repository.Root, path);
        await ApiServer.KubectlAsync("apply", "-n", ns, "-f", file);

        var (exit, output) = await ApiServer.KubectlAsync("apply", "-n", ns, "-f", file);

        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain(" unchanged").And.Not.Contain(" configured"));
    }
}
