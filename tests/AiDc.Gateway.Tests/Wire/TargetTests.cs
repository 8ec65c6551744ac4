using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Request targets: what the replica sees is what was sent.</summary>
public sealed class TargetTests
{
    private const string Prefix = "/v1/namespaces/ns/services/model";

    private TestGateway gateway = null!;
    private TestReplica replica = null!;

    [SetUp]
    public async Task StartAsync()
    {
        gateway = await TestGateway.StartAsync();
        replica = await TestReplica.StartAsync("one");
        replica.Handler = context => context.Response.WriteAsync($"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}\n");
        await gateway.ServeAsync(replica);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await gateway.DisposeAsync();
        await replica.DisposeAsync();
    }

    [TestCase("/")]
    [TestCase("/a%20b")]
    [TestCase("/a%2Fb")]
    [TestCase("/a%2fb")]
    [TestCase("/a%252Fb")]
    [TestCase("/a%2520b")]
    [TestCase("/a%25b")]
    [TestCase("/a%3Fb%23c")]
    [TestCase("/%C3%BC/%F0%9F%90%88")]
    [TestCase("/a+b")]
    [TestCase("/a;v=1,2")]
    [TestCase("/a@b:c!$&'()*=")]
    [TestCase("/~x/%7Ex")]
    [TestCase("/a//b")]
    [TestCase("//a")]
    [TestCase("/a/")]
    [TestCase("/a?x=%2F+%20&y=a/b?c")]
    [TestCase("/?")]
    [TestCase("/a%5Cb")]
    [TestCase("/a|b")]
    [TestCase("/a%7Cb")]
    [TestCase("/a[1]")]
    [TestCase("/a%5B1%5D")]
    [TestCase("/v1/models/m:predict")]
    [TestCase("/v1/models/m%3Apredict")]
    public async Task It_passes_as_it_came(string target) => Assert.That(await GetAsync(Prefix + target), Is.EqualTo($"GET {target}"));

    [TestCase("", "/")]
    [TestCase("?x=1", "/?x=1")]
    [TestCase("/../../other/services/x", "/other/services/x")]
    [TestCase("/a/../b", "/b")]
    [TestCase("/a/./b", "/a/b")]
    [TestCase("/a/..", "/")]
    [TestCase("/a/%2e%2E/b", "/b")]
    [TestCase("/a/..b/.c/...", "/a/..b/.c/...")]
    [TestCase("/..%2f..%2fx", "/..%2f..%2fx")]
    public async Task Behind_the_services_name_nothing_leads_out_of_it(string sent, string seen)
    {
        // What is in front of a dot segment belongs to the path: this one is resolved against the service's.
        if (sent.StartsWith("/../", StringComparison.Ordinal)) Assert.That(await GetAsync(Prefix + sent), Is.EqualTo("no service"));
        else Assert.That(await GetAsync(Prefix + sent), Is.EqualTo($"GET {seen}"));
    }

    [Test]
    public async Task The_absolute_form_and_needless_escapes_name_the_same_service()
    {
        Assert.That(await GetAsync($"http://gateway{Prefix}/abs%2Fx"), Is.EqualTo("GET /abs%2Fx"));
        Assert.That(await GetAsync("/v1/%6Eamespaces/ns/services/model/x"), Is.EqualTo("GET /x"));
    }

    [Test]
    public async Task Where_the_path_names_a_service_the_header_names_none()
    {
        Assert.That(await GetAsync($"{Prefix}/x", "aidc-service: ns/other\r\n"), Is.EqualTo("GET /x"));
        Assert.That(await GetAsync("/v1/%6Eamespaces/ns/services/other/x", "aidc-service: ns/model\r\n"), Is.EqualTo("no service"));
        Assert.That(await GetAsync("/by/header%2Fx", "aidc-service: ns/model\r\n"), Is.EqualTo("GET /by/header%2Fx"));
    }

    private async Task<string> GetAsync(string target, string headers = "")
    {
        using var client = await RawClient.ConnectAsync(gateway.Http);
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{headers}\r\n");
        var answer = await client.ReadAsync();
        // 503 and not 404: there is no API server here that could say what there is.
        if (RawClient.StatusOf(answer) == 503) return "no service";
        return answer[answer.IndexOf("GET ", StringComparison.Ordinal)..].Split('\r', '\n')[0];
    }
}
