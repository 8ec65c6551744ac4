using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AiDc.Api.Generator;
using AiDc.Testing;
using k8s;

namespace AiDc.Api.Tests.Server;

/// <summary>A real API server with our definitions, for all tests of this folder.</summary>
[SetUpFixture]
internal sealed class ApiServer
{
    private static ControlPlane? _plane;
    private static Kubernetes? _client;

    /// <summary>What the server says it is.</summary>
    public static KubeVersion Version { get; private set; }

    public static bool HasRules => Version >= KubeVersion.FirstWithRules;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        _plane = await ControlPlane.StartAsync();
        _client = new Kubernetes(_plane.Configuration());
        var version = await _client.Version.GetCodeAsync();
        Assert.That(KubeVersion.TryParse(version.GitVersion, out var parsed), Is.True, version.GitVersion);
        Version = parsed;

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
        _client?.Dispose();
        if (_plane is not null)
            await _plane.DisposeAsync();
    }

    public static string JobsOf(string ns) => PathOf("trainingjobs", ns);

    public static string ServicesOf(string ns) => PathOf("inferenceservices", ns);

    public static string PathOf(string plural, string ns) => $"apis/aidc.dev/v1alpha1/namespaces/{ns}/{plural}";

    public static async Task<string> NewNamespaceAsync() => (await TestNamespace.CreateAsync(_plane!)).Name;

    /// <summary>One request as it stands, without the types of the client.</summary>
    public static async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body = null,
        string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(_plane!.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _plane.AdminToken);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        using var response = await _client!.HttpClient.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        // What the server does not know yet it answers with a line of plain text.
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        return (response.StatusCode, isJson ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["message"] = text });
    }

    /// <summary>Runs kubectl as the admin; what it prints on both of its outputs, in that order.</summary>
    public static Task<(int ExitCode, string Output)> KubectlAsync(params string[] arguments) => KubectlWithInputAsync("", arguments);

    public static async Task<(int ExitCode, string Output)> KubectlWithInputAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = _plane!.KubeConfigFile;
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add($"--cache-dir={_plane.Folder}/kubectl");
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
