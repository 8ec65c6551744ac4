using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AiDc.Testing;
using k8s;

namespace AiDc.Api.Tests.Server;

/// <summary>A server that tests send requests to as they stand, without the types of the client, as the admin.</summary>
internal sealed class TestServer(ControlPlane plane, Uri address) : IDisposable
{
    private readonly Kubernetes _client = new(plane.Configuration());

    public Uri Address => address;

    public async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body = null,
        string contentType = "application/json",
        string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", plane.AdminToken);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        using var response = await _client.HttpClient.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        // What the server does not know yet it answers with a line of plain text.
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        return (response.StatusCode, isJson ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["message"] = text });
    }

    public void Dispose() => _client.Dispose();
}
