using AiDc.Gateway.Hosting;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddGateway();
var app = builder.Build();
app.MapGateway();
await app.RunAsync();
