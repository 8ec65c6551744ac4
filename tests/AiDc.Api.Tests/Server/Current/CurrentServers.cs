using System.Net;
using AiDc.Testing;

namespace AiDc.Api.Tests.Server.Current;

/// <summary>
/// Servers that check CEL rules, with our definitions: the CRD machinery of a current Kubernetes, and the API server itself where that is new
/// enough (KUBEBUILDER_ASSETS). The tests of this folder run on each.
/// </summary>
[SetUpFixture]
internal sealed class CurrentServers
{
    private const string Machinery = "crd-server";
    private const string Whole = "kube-apiserver";
    private static readonly Dictionary<string, TestServer> Running = [];
    private static CrdServer? _crdServer;

    /// <summary>Those to run the tests on. The first is named even where it is missing: its tests then say why they are skipped.</summary>
    public static IEnumerable<string> Names() => WholeIsCurrent() ? [Machinery, Whole] : [Machinery];

    /// <summary>The server of this name; where it is missing the test is skipped with the reason.</summary>
    public static TestServer Get(string name)
    {
        if (Running.TryGetValue(name, out var server))
            return server;
        Assert.Ignore(CrdServer.WhyNone());
        throw new InvalidOperationException("not reached");
    }

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        if (CrdServer.Find() is null)
        {
            await TestContext.Progress.WriteLineAsync($"SKIPPED: the tests of rules on a current Kubernetes: {CrdServer.WhyNone()}");
        }
        else
        {
            _crdServer = await CrdServer.StartAsync(ApiServer.Plane);
            await AddAsync(Machinery, _crdServer.Address);
        }

        if (WholeIsCurrent())
            Running[Whole] = new TestServer(ApiServer.Plane, ApiServer.Plane.Address);
    }

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        foreach (var server in Running.Values)
            server.Dispose();
        if (_crdServer is not null)
            await _crdServer.DisposeAsync();
    }

    private static async Task AddAsync(string name, Uri address)
    {
        var server = new TestServer(ApiServer.Plane, address);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "crds")))
        {
            var definition = Manifests.Parse(await File.ReadAllTextAsync(file))[0];
            var (code, answer) = await server.SendAsync(
                HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict", definition);
            Assert.That(code, Is.EqualTo(HttpStatusCode.Created), () => $"{Path.GetFileName(file)} is refused: {answer["message"]}");
        }

        foreach (var path in new[] { ApiServer.JobsOf("default"), ApiServer.ServicesOf("default") })
            await Eventually.Assert(async () => (await server.SendAsync(HttpMethod.Get, path)).Code == HttpStatusCode.OK, what: $"{name} serves {path}");
        Running[name] = server;
    }

    private static bool WholeIsCurrent()
    {
        try
        {
            return KubeBinaries.Find().Version >= new Version(1, 25);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
