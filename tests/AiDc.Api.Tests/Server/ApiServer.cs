using System.Net;
using System.Text.Json.Nodes;
using AiDc.Api.Generator;
using AiDc.Testing;

namespace AiDc.Api.Tests.Server;

/// <summary>A real API server with our definitions, for all tests of this folder.</summary>
[SetUpFixture]
internal sealed class ApiServer
{
    private static ControlPlane? _plane;
    private static TestServer? _server;

    public static ControlPlane Plane => _plane!;

    /// <summary>What the server is.</summary>
    public static KubeVersion Version { get; private set; }

    public static bool HasRules => Version >= KubeVersion.FirstWithRules;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        _plane = await ControlPlane.StartAsync();
        _server = new TestServer(_plane, _plane.Address);
        Version = new(_plane.Version.Major, _plane.Version.Minor);

        var file = Path.Combine(_plane.Folder, "definitions.yaml");
        await File.WriteAllTextAsync(file, GeneratedFiles.Definitions(Version));
        var applied = await KubectlAsync("apply", "--validate=true", "-f", file);
        Assert.That(applied.ExitCode, Is.Zero, applied.Output);
        await Eventually.Assert(async () => (await SendAsync(HttpMethod.Get, JobsOf("default"))).Code == HttpStatusCode.OK);
        // kubectl validates by the OpenAPI document, into which a new definition comes a little later.
        await Eventually.Assert(async () => (await SendAsync(HttpMethod.Get, ServicesOf("default"))).Code == HttpStatusCode.OK);
        await Eventually.Assert(async () => (await KubectlAsync("explain", "trainingjob.spec.trainer")).ExitCode == 0);
        await Eventually.Assert(async () => (await KubectlAsync("explain", "inferenceservice.spec.model")).ExitCode == 0);
    }

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        _server?.Dispose();
        if (_plane is not null)
            await _plane.DisposeAsync();
    }

    public static string JobsOf(string ns) => PathOf("trainingjobs", ns);

    public static string ServicesOf(string ns) => PathOf("inferenceservices", ns);

    public static string PathOf(string plural, string ns) => $"apis/aidc.dev/v1alpha1/namespaces/{ns}/{plural}";

    public static async Task<string> NewNamespaceAsync() => (await TestNamespace.CreateAsync(_plane!)).Name;

    /// <summary>One request as it stands, without the types of the client.</summary>
    public static Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body = null,
        string contentType = "application/json") => _server!.SendAsync(method, path, body, contentType);

    /// <summary>Runs kubectl as the admin; what it prints on both of its outputs, in that order.</summary>
    public static Task<(int ExitCode, string Output)> KubectlAsync(params string[] arguments) => KubectlWithInputAsync("", arguments);

    public static async Task<(int ExitCode, string Output)> KubectlWithInputAsync(string input, params string[] arguments)
    {
        var result = await Plane.TryKubectlAsync(arguments, input);
        return (result.ExitCode, result.Output + result.Error);
    }
}
